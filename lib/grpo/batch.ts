// Samples to packed micro-batches: whole sequences, in order, as many as a budget of tokens takes. Only the rows that
// predict an answer token go on to the vocabulary.
import { ArgumentError } from '../errors.js'
import { numInputTokens, requireSample, type Sample } from './sample.js'

/** B sequences of T tokens in all, R of which predict an answer token. */
export interface MicroBatch {
  readonly samples: readonly Sample[]
  /** Place of the first sample in the whole batch. */
  readonly firstIndex: number
  /** Inputs of each sequence: prompt and answer but the last token. */
  readonly sequences: readonly Int32Array[]
  readonly rows: Int32Array // [R] into the packed tokens
  readonly targets: Int32Array // [R]
  readonly offsets: Int32Array // [B+1] of each answer in the rows
  readonly rolloutLogprobs: Float32Array // [R]
  readonly referenceLogprobs: Float32Array | undefined // [R]
  readonly advantages: Float32Array // [B]
}

/** A sequence longer than the budget gets a micro-batch of its own. */
export function microBatches(samples: readonly Sample[], { maxTokens }: { maxTokens: number }): MicroBatch[] {
  if (!(maxTokens >= 1)) throw new ArgumentError(`[grpo] expected at least 1 for maxTokens, got ${maxTokens}`)
  samples.forEach(requireSample)
  const hasReference = samples.some(({ referenceLogprobs }) => referenceLogprobs)
  const lacking = samples.findIndex(({ referenceLogprobs }) => hasReference && !referenceLogprobs)
  if (lacking >= 0)
    throw new ArgumentError(
      `[grpo] expected referenceLogprobs for every sample or none, got none for sample ${lacking}`,
    )
  return cut(samples, maxTokens).map(({ begin, end }) => build(samples.slice(begin, end), begin))
}

/** Contiguous parts whose sizes differ by at most one; fewer where there are fewer items. */
export function splitEvenly<T>(items: readonly T[], numParts: number): T[][] {
  if (!Number.isInteger(numParts) || numParts < 1)
    throw new ArgumentError(`[grpo] expected a whole number of at least 1 for numParts, got ${numParts}`)
  const count = Math.min(numParts, items.length)
  const bound = (part: number) => Math.floor((part * items.length) / count)
  return Array.from({ length: count }, (_, part) => items.slice(bound(part), bound(part + 1)))
}

export function numAnswerTokens(samples: readonly Sample[]): number {
  return samples.reduce((sum, { answerTokens }) => sum + answerTokens.length, 0)
}

interface Range {
  begin: number
  end: number
}

function cut(samples: readonly Sample[], maxTokens: number): Range[] {
  const ranges: Range[] = []
  let numTokens = Number.POSITIVE_INFINITY
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

function build(samples: readonly Sample[], firstIndex: number): MicroBatch {
  const hasReference = samples[0]?.referenceLogprobs !== undefined
  const numRows = numAnswerTokens(samples)
  const batch = {
    samples,
    firstIndex,
    sequences: samples.map(inputTokens),
    rows: new Int32Array(numRows),
    targets: new Int32Array(numRows),
    offsets: new Int32Array(samples.length + 1),
    rolloutLogprobs: new Float32Array(numRows),
    referenceLogprobs: hasReference ? new Float32Array(numRows) : undefined,
    advantages: Float32Array.from(samples, ({ advantage }) => advantage),
  }
  let firstToken = 0
  let row = 0
  for (const [i, sample] of samples.entries()) {
    const length = sample.answerTokens.length
    // The row of the token before predicts an answer token.
    const firstRow = firstToken + sample.promptTokens.length - 1
    for (let t = 0; t < length; t++) batch.rows[row + t] = firstRow + t
    batch.targets.set(sample.answerTokens, row)
    batch.rolloutLogprobs.set(sample.rolloutLogprobs, row)
    if (sample.referenceLogprobs) batch.referenceLogprobs?.set(sample.referenceLogprobs, row)
    row += length
    batch.offsets[i + 1] = row
    firstToken += numInputTokens(sample)
  }
  return batch
}

function inputTokens(sample: Sample): Int32Array {
  const tokens = new Int32Array(numInputTokens(sample))
  tokens.set(sample.promptTokens)
  for (let t = 0; t + 1 < sample.answerTokens.length; t++)
    tokens[sample.promptTokens.length + t] = sample.answerTokens[t] as number
  return tokens
}
