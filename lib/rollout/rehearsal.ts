// What a rollout takes at its worst, without the rollout: a cache written from end to end, the first prefill, and a decode step of
// as many sequences as run at once, with as much to look at as the cache holds.
import type { Decoder } from '../models/decoder.js'
import type { KvCache } from '../models/kv-cache.js'
import { fill, type SamplingOptions } from '../ops/index.js'
import { numDecodeRows } from './decode-program.js'
import { DecodePrograms, mostKept } from './decode-programs.js'
import { prefill } from './prefill.js'
import { type AnswerLoad, hasRoomForAll, largestReadmission } from './readmission.js'
import { Scheduler, type SchedulerLimits, type Step } from './scheduler.js'
import { makeSequence, type Sequence } from './sequence.js'

export interface RolloutLoad extends AnswerLoad {
  sampling: Omit<SamplingOptions, 'seed'>
  /** Ends it between two steps. */
  signal?: AbortSignal | undefined
}

export interface RehearsalPlace {
  cache: KvCache
  limits: SchedulerLimits
  /** Blocks of the longest sequence. */
  maxBlocks: number
}

type PrefillStep = Extract<Step, { kind: 'prefill' }>

/** Tokens are made up, and what is drawn is let go. */
export async function rehearseRollout(model: Decoder, place: RehearsalPlace, load: RolloutLoad): Promise<void> {
  const { cache, limits, maxBlocks } = place
  const sampling = { ...load.sampling, seed: 0 }
  const begin = firstPrefill(sequencesOf(load), place, load)
  for (const layer of [...cache.k, ...cache.v]) fill(layer, 0)
  const run = async (step: PrefillStep) => {
    await prefill(model, cache, step, sampling)
    load.signal?.throwIfAborted()
  }
  await run(begin)
  const programs = new DecodePrograms(model, cache, { maxBlocks, sampling })
  try {
    await decode(programs, place, load)
    // Those that come later are computed beside the recorded steps of those before.
    const hasRoom = hasRoomForAll(load, limits)
    if (!hasRoom || load.numPrompts * load.numAnswers > limits.maxBatch) await run(begin)
    if (!hasRoom) await run(readmission(place, load))
  } finally {
    programs.dispose()
  }
}

function sequencesOf({ numPrompts, numAnswers, numPromptTokens }: RolloutLoad): Sequence[] {
  return Array.from({ length: numPrompts }, (_, index) => {
    const prompt = { index, tokens: new Int32Array(numPromptTokens) }
    return Array.from({ length: numAnswers }, (_, answerIndex) => {
      const order = index * numAnswers + answerIndex
      return makeSequence(prompt, { answerIndex, order, sequenceId: order })
    })
  }).flat()
}

function firstPrefill(
  sequences: readonly Sequence[],
  { limits }: RehearsalPlace,
  { maxResponseTokens }: RolloutLoad,
): PrefillStep {
  return new Scheduler(sequences, limits, maxResponseTokens).next() as PrefillStep
}

/** The largest prefill of preempted sequences, as the scheduler admits it. */
function readmission(place: RehearsalPlace, load: RolloutLoad): PrefillStep {
  const { numSequences, numTokens } = largestReadmission(load, place.limits)
  const sequences = sequencesOf(load).slice(0, numSequences)
  for (const { answer } of sequences) for (let i = load.numPromptTokens; i < numTokens; i++) answer.push(0)
  return firstPrefill(sequences, place, load)
}

/** One step with each of the numbers of rows that are kept side by side, largest first. */
async function decode(programs: DecodePrograms, { limits, maxBlocks }: RehearsalPlace, load: RolloutLoad) {
  const { numBlocks, blockSize, maxBatch } = limits
  const numSequences = Math.min(load.numPrompts * load.numAnswers, maxBatch, numBlocks)
  const blocksOfOne = Math.min(maxBlocks, Math.floor(numBlocks / numSequences))
  const longest = load.numPromptTokens + load.maxResponseTokens - 1
  const numTokens = Math.min(blocksOfOne * blockSize, longest)
  const sequences = Array.from({ length: numSequences }, (_, i) =>
    runningSequence(i, { numTokens, firstBlock: i * blocksOfOne, numBlocks: blocksOfOne }),
  )
  for (const count of batchSizes(numSequences)) {
    await programs.for(count).run(sequences.slice(0, count), 0)
    load.signal?.throwIfAborted()
  }
}

function runningSequence(
  index: number,
  { numTokens, firstBlock, numBlocks }: { numTokens: number; firstBlock: number; numBlocks: number },
): Sequence {
  const prompt = { index, tokens: new Int32Array(numTokens) }
  const sequence = makeSequence(prompt, { answerIndex: 0, order: index, sequenceId: index })
  for (let block = 0; block < numBlocks; block++) sequence.blocks.push(firstBlock + block)
  return sequence
}

/** The most sequences of each of the largest recordings. */
function batchSizes(most: number): number[] {
  const sizes = [most]
  for (let count = most - 1; count > 0 && sizes.length < mostKept; count--)
    if (numDecodeRows(count) < numDecodeRows(sizes.at(-1) as number)) sizes.push(count)
  return sizes
}
