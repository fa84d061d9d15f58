// Answers to packed micro-batches: whole sequences, in order, as many as a budget of tokens takes. Only the rows that
// predict an answer token go on to the vocabulary.

import { checkOptions, type OptionKeys, requireArrays } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { type Completion, numAnswerTokens, numInputTokens, requireCompletion } from './sample.js'

/** B whole sequences, T input tokens in all, R of which predict an answer token: only their rows go on to the vocabulary. */
export interface MicroBatch<C extends Completion> {
  /** B of them, in the order of the batch. */
  readonly samples: readonly C[]
  /** Place of the first sample in the whole batch. */
  readonly firstIndex: number
  /** B of them: inputs of each sequence, prompt and answer but the last token. */
  readonly sequences: readonly Int32Array[]
  /** [R], into the packed tokens: where each answer token is predicted. */
  readonly rows: Int32Array
  /** `[R]`: the answer token that is predicted there. */
  readonly targets: Int32Array
  /** `[B+1]`: where each answer begins in the rows, and R. */
  readonly offsets: Int32Array
}

/**
 * Contiguous runs of samples, in order, each as long as its input tokens fit maxTokens. A sequence longer than that gets a
 * micro-batch of its own.
 *
 * @throws {@link ArgumentError} for a maxTokens below 1, or a sample without prompt or answer tokens
 */
export function microBatches<C extends Completion>(
  samples: readonly C[],
  options: { maxTokens: number },
): MicroBatch<C>[] {
  requireArrays('grpo', { samples })
  checkOptions('grpo', options, optionKeys)
  const { maxTokens } = options
  if (!(maxTokens >= 1)) throw new ArgumentError(`[grpo] expected at least 1 for maxTokens, got ${maxTokens}`)
  samples.forEach(requireCompletion)
  return cut(samples, maxTokens).map(({ begin, end }) => microBatchOf(samples.slice(begin, end), begin))
}

/** Of all these samples, the first of which has this place in the whole batch. */
export function microBatchOf<C extends Completion>(samples: readonly C[], firstIndex: number): MicroBatch<C> {
  const numRows = numAnswerTokens(samples)
  const rows = new Int32Array(numRows)
  const targets = new Int32Array(numRows)
  const offsets = new Int32Array(samples.length + 1)
  let firstToken = 0
  let row = 0
  for (const [i, sample] of samples.entries()) {
    const { length } = sample.answerTokens
    // The row of the token before predicts an answer token.
    const firstRow = firstToken + sample.promptTokens.length - 1
    for (let t = 0; t < length; t++) rows[row + t] = firstRow + t
    targets.set(sample.answerTokens, row)
    row += length
    offsets[i + 1] = row
    firstToken += numInputTokens(sample)
  }
  return { samples, firstIndex, sequences: samples.map(inputTokens), rows, targets, offsets }
}

/**
 * Contiguous parts whose sizes differ by at most one; fewer where there are fewer items.
 *
 * @throws {@link ArgumentError} for a number of parts that is not a whole one from 1
 */
export function splitEvenly<T>(items: readonly T[], numParts: number): T[][] {
  requireArrays('grpo', { items })
  if (!Number.isInteger(numParts) || numParts < 1)
    throw new ArgumentError(`[grpo] expected a whole number of at least 1 for numParts, got ${numParts}`)
  const count = Math.min(numParts, items.length)
  const bound = (part: number) => Math.floor((part * items.length) / count)
  return Array.from({ length: count }, (_, part) => items.slice(bound(part), bound(part + 1)))
}

/** One array after the other. */
export function concatenate(parts: readonly ArrayLike<number>[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const part of parts) {
    all.set(part, end)
    end += part.length
  }
  return all
}

interface Range {
  begin: number
  end: number
}

function cut(samples: readonly Completion[], maxTokens: number): Range[] {
  const ranges: Range[] = []
  let numTokens = 0
  for (const [index, sample] of samples.entries()) {
    numTokens += numInputTokens(sample)
    const last = ranges.at(-1)
    if (last && numTokens <= maxTokens) last.end = index + 1
    else {
      ranges.push({ begin: index, end: index + 1 })
      numTokens = numInputTokens(sample)
    }
  }
  return ranges
}

function inputTokens(sample: Completion): Int32Array {
  const { promptTokens, answerTokens } = sample
  const tokens = new Int32Array(numInputTokens(sample))
  tokens.set(promptTokens)
  for (let t = 0; t + 1 < answerTokens.length; t++) tokens[promptTokens.length + t] = answerTokens[t] as number
  return tokens
}

const optionKeys: OptionKeys<{ maxTokens: number }> = { maxTokens: true }
