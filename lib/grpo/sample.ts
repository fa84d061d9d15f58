// One answer with what its update needs. Plain data: where it was sampled and how it was scored is not known here.
import { ArgumentError } from '../errors.js'

export interface Sample {
  readonly promptTokens: ArrayLike<number>
  /** The stop token included. */
  readonly answerTokens: ArrayLike<number>
  /** Of each answer token, from when it was sampled. */
  readonly rolloutLogprobs: ArrayLike<number>
  readonly advantage: number
  /** Of each answer token under the reference model; needed where the objective has a KL term. */
  readonly referenceLogprobs?: ArrayLike<number> | undefined
}

/** Tokens that go through the model: the answer's last one predicts nothing. */
export function numInputTokens(sample: Sample): number {
  return sample.promptTokens.length + sample.answerTokens.length - 1
}

export function requireSample(sample: Sample, index: number): void {
  const fail = (what: string, got: unknown): never => {
    throw new ArgumentError(`[grpo] expected ${what} for sample ${index}, got ${got}`)
  }
  const numAnswerTokens = sample.answerTokens.length
  if (sample.promptTokens.length === 0) fail('at least one prompt token', 'none')
  if (numAnswerTokens === 0) fail('at least one answer token', 'none')
  if (sample.rolloutLogprobs.length !== numAnswerTokens)
    fail(`${numAnswerTokens} rolloutLogprobs`, sample.rolloutLogprobs.length)
  if (sample.referenceLogprobs && sample.referenceLogprobs.length !== numAnswerTokens)
    fail(`${numAnswerTokens} referenceLogprobs`, sample.referenceLogprobs.length)
  if (!Number.isFinite(sample.advantage)) fail('a finite advantage', sample.advantage)
}
