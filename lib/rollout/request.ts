// What one call of generate asks for, checked: prompts as tokens, and a sequence for every answer.

import type { OptionKeys } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { type FinishReason, makeSequence, type PromptState, type Sequence, type StopRule } from './sequence.js'

/** Text, rendered by the chat template already, or its tokens. */
export type Prompt = string | readonly number[]

/** What one call of generate samples. */
export interface GenerateOptions {
  /** G, answers to each prompt. Default 1. */
  numAnswers?: number
  /** Of an answer, the stop token included; an answer that gets there ends with 'length'. */
  maxResponseTokens: number
  /** Longer prompts are an error. Default: what the model's positions leave. */
  maxPromptTokens?: number
  /** Logits are divided by it; 0 takes the likeliest token. Default 1. */
  temperature?: number
  /** Only the k likeliest tokens; 0, the default, is all. */
  topK?: number
  /** Only the likeliest tokens that together reach p; 1, the default, is all. */
  topP?: number
  /** Of the random streams. Default 0. */
  seed?: number
  /**
   * A whole number for each prompt, all different, that names the random streams of its answers, together with the seed and
   * numAnswers; default its place. The same number gives the same answers whatever else is asked for.
   */
  ids?: readonly number[]
  /**
   * How many streams an id names; default numAnswers. With a number of one's own, at least numAnswers, an id's first answers are
   * the same however many are asked for.
   */
  streamsPerId?: number
  /** Tokens that end an answer, and belong to it. Default: the tokenizer's. */
  stop?: readonly number[]
  /** Ends the call between two steps; the iterator throws the signal's reason. */
  signal?: AbortSignal
  /** Called for every token as it is drawn, before its group is finished; what it throws ends the call. */
  onToken?: (drawn: DrawnToken) => void
}

/** Of generate(). */
export const generateKeys: OptionKeys<GenerateOptions> = {
  numAnswers: true,
  maxResponseTokens: true,
  maxPromptTokens: true,
  temperature: true,
  topK: true,
  topP: true,
  seed: true,
  ids: true,
  streamsPerId: true,
  stop: true,
  signal: true,
  onToken: true,
}

/** A token as it is drawn. */
export interface DrawnToken {
  /** Place of the prompt in the call. */
  promptIndex: number
  /** Place of the answer in its group. */
  answerIndex: number
  /** Its id. */
  token: number
  /** Present with an answer's last token. */
  finishReason: FinishReason | undefined
}

/** What the engine needs of a tokenizer. */
export interface TextCodec {
  /** Ids below it have a text. */
  readonly vocabSize: number
  /** Tokens that end an answer unless `stop` says otherwise. */
  readonly eosIds: readonly number[]
  /** Ids of a rendered prompt, nothing added. */
  encode(text: string): readonly number[]
  /** The text of ids. */
  decode(ids: Iterable<number>): string
}

/** What the engine needs of a model's config. */
export interface ModelLimits {
  readonly vocabularySize: number
  readonly maxPositions: number
}

export interface Request {
  /** In order of prompts, the G answers of each side by side. */
  readonly sequences: readonly Sequence[]
  readonly numAnswers: number
  readonly rule: StopRule
  readonly sampling: { temperature: number; topK: number; topP: number; seed: number }
  readonly onToken: ((drawn: DrawnToken) => void) | undefined
}

const maxSequenceId = 2 ** 31 - 1

export function makeRequest(
  prompts: readonly Prompt[],
  options: GenerateOptions,
  { tokenizer, limits }: { tokenizer: TextCodec; limits: ModelLimits },
): Request {
  const { numAnswers = 1, maxResponseTokens, temperature = 1, topK = 0, topP = 1, seed = 0 } = options
  requireCount('numAnswers', numAnswers)
  requireCount('maxResponseTokens', maxResponseTokens)
  const stopTokens = new Set(options.stop ?? tokenizer.eosIds)
  const { streamsPerId = numAnswers } = options
  if (!Number.isInteger(streamsPerId) || streamsPerId < numAnswers)
    throw new ArgumentError(
      `[generate] expected a whole number of at least numAnswers = ${numAnswers} for streamsPerId, got ${streamsPerId}`,
    )
  const firstIds = firstSequenceIds(prompts.length, streamsPerId, options.ids)
  const sequences = prompts.flatMap((prompt, index) => {
    const tokens = typeof prompt === 'string' ? tokenizer.encode(prompt) : prompt
    requirePrompt(tokens, index, options, limits)
    const state = { index, tokens: Int32Array.from(tokens) }
    return answersOf(state, numAnswers, firstIds[index] as number)
  })
  return {
    sequences,
    numAnswers,
    rule: { stopTokens, maxResponseTokens },
    sampling: { temperature, topK, topP, seed },
    onToken: options.onToken,
  }
}

function answersOf(prompt: PromptState, numAnswers: number, firstSequenceId: number): Sequence[] {
  return Array.from({ length: numAnswers }, (_, answerIndex) =>
    makeSequence(prompt, {
      answerIndex,
      order: prompt.index * numAnswers + answerIndex,
      sequenceId: firstSequenceId + answerIndex,
    }),
  )
}

function firstSequenceIds(numPrompts: number, streamsPerId: number, ids: readonly number[] | undefined): number[] {
  const given = ids ?? Array.from({ length: numPrompts }, (_, index) => index)
  if (given.length !== numPrompts)
    throw new ArgumentError(`[generate] expected ${numPrompts} ids, one a prompt, got ${given.length}`)
  const largest = Math.floor((maxSequenceId + 1) / streamsPerId) - 1
  for (const [index, id] of given.entries()) {
    if (!Number.isInteger(id) || id < 0 || id > largest)
      throw new ArgumentError(`[generate] expected a whole number in [0, ${largest}] for ids[${index}], got ${id}`)
  }
  if (new Set(given).size < given.length)
    throw new ArgumentError('[generate] expected distinct ids: equal ones would draw the same answers')
  return given.map((id) => id * streamsPerId)
}

function requireCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(`[generate] expected a whole number of at least 1 for ${name}, got ${value}`)
}

function requirePrompt(
  tokens: readonly number[],
  index: number,
  { maxResponseTokens, maxPromptTokens }: GenerateOptions,
  { vocabularySize, maxPositions }: ModelLimits,
): void {
  if (tokens.length === 0)
    throw new ArgumentError(`[generate] expected at least one token for prompt ${index}, got none`)
  const most = Math.min(maxPromptTokens ?? Number.POSITIVE_INFINITY, maxPositions - maxResponseTokens)
  if (tokens.length > most)
    throw new ArgumentError(
      `[generate] expected at most ${most} tokens for prompt ${index}, got ${tokens.length}: the model has ` +
        `${maxPositions} positions, of which ${maxResponseTokens} are for the answer` +
        (maxPromptTokens === undefined ? '' : `, and maxPromptTokens is ${maxPromptTokens}`),
    )
  const place = tokens.findIndex((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize)
  if (place >= 0)
    throw new ArgumentError(
      `[generate] expected tokens in [0, ${vocabularySize}) for prompt ${index}, got ${tokens[place]} at ${place}`,
    )
}
