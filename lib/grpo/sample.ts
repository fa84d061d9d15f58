// Answers with what scoring and training them needs. Plain data: how they were sampled is not known here.
import { ArgumentError } from '../errors.js'

/** A prompt and an answer to it. */
export interface Completion {
  /** Ids of the rendered prompt; at least one. */
  readonly promptTokens: ArrayLike<number>
  /** Ids of the answer, the stop token included; at least one. */
  readonly answerTokens: ArrayLike<number>
}

/** An answer with what training on it needs. Plain data: how it was sampled is not known here. */
export interface Sample extends Completion {
  /** Of each answer token, in nats, from when it was sampled. */
  readonly rolloutLogprobs: ArrayLike<number>
  /** A, finite: above 0 makes the answer likelier. */
  readonly advantage: number
  /** Of each answer token, in nats, under the reference model; needed where the objective has a KL term. */
  readonly referenceLogprobs?: ArrayLike<number> | undefined
  /** Out of the loss, and of what it is divided by. */
  readonly isMasked?: boolean | undefined
}

export const isCounted = ({ isMasked }: Sample): boolean => isMasked !== true

/** Tokens that go through the model: the answer's last one predicts nothing. */
export function numInputTokens({ promptTokens, answerTokens }: Completion): number {
  return promptTokens.length + answerTokens.length - 1
}

export function numAnswerTokens(completions: readonly Completion[]): number {
  return completions.reduce((sum, { answerTokens }) => sum + answerTokens.length, 0)
}

export function requireCompletion({ promptTokens, answerTokens }: Completion, index: number): void {
  if (promptTokens.length === 0) fail('at least one prompt token', index, 'none')
  if (answerTokens.length === 0) fail('at least one answer token', index, 'none')
}

export function requireSample(sample: Sample, index: number, { hasReference }: { hasReference: boolean }): void {
  const { answerTokens, rolloutLogprobs, referenceLogprobs, advantage } = sample
  requireLength('rolloutLogprobs', rolloutLogprobs, answerTokens.length, index)
  if (hasReference) requireLength('referenceLogprobs', referenceLogprobs ?? [], answerTokens.length, index)
  if (!Number.isFinite(advantage)) fail('a finite advantage', index, advantage)
}

function requireLength(name: string, values: ArrayLike<number>, expected: number, index: number): void {
  if (values.length !== expected) fail(`${expected} ${name}`, index, values.length)
}

function fail(what: string, index: number, got: unknown): never {
  throw new ArgumentError(`[grpo] expected ${what} for sample ${index}, got ${got}`)
}
