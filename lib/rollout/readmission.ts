// Preempted sequences that are computed anew together: how many of how many tokens make the largest prefill. Pure arithmetic.
import type { SchedulerLimits } from './scheduler.js'

export interface AnswerLoad {
  numPrompts: number
  /** To each prompt. */
  numAnswers: number
  /** Of each prompt. */
  numPromptTokens: number
  maxResponseTokens: number
}

/** Whether the blocks are enough for all sequences at their longest, so that none is ever preempted. */
export function hasRoomForAll(load: AnswerLoad, { numBlocks, blockSize, maxBatch }: SchedulerLimits): boolean {
  const { numPrompts, numAnswers } = load
  const numSequences = Math.min(numPrompts * numAnswers, maxBatch)
  const numGroups = Math.min(numPrompts, Math.ceil(numSequences / numAnswers) + 1)
  const { shared, own } = blocksOf(load, longestOf(load), blockSize)
  return numGroups * shared + numSequences * own <= numBlocks
}

/** Sequences of one length that the scheduler would admit at once, with the most tokens in all. */
export function largestReadmission(
  load: AnswerLoad,
  limits: SchedulerLimits,
): { numSequences: number; numTokens: number } {
  let best = { numSequences: 0, numTokens: 0 }
  const longest = longestOf(load)
  for (let numTokens = longest; numTokens > load.numPromptTokens; numTokens--) {
    const numSequences = numAdmitted(load, numTokens, limits)
    if (numSequences * numTokens > best.numSequences * best.numTokens) best = { numSequences, numTokens }
  }
  return best
}

/** The last token of an answer is not run. */
const longestOf = ({ numPromptTokens, maxResponseTokens }: AnswerLoad): number =>
  numPromptTokens + maxResponseTokens - 1

/** Of a sequence: those that it shares with its group, and its own. */
function blocksOf({ numPromptTokens }: AnswerLoad, numTokens: number, blockSize: number) {
  const shared = Math.floor(numPromptTokens / blockSize)
  return { shared, own: Math.ceil(numTokens / blockSize) - shared }
}

/** Each is left one block to grow into. */
function numAdmitted(load: AnswerLoad, numTokens: number, limits: SchedulerLimits): number {
  const { numPrompts, numAnswers } = load
  const { shared, own } = blocksOf(load, numTokens, limits.blockSize)
  const most = Math.min(
    numPrompts * numAnswers,
    limits.maxBatch,
    Math.max(1, Math.floor(limits.maxPrefillTokens / numTokens)),
  )
  const ofGroup = shared + numAnswers * (own + 1)
  const numGroups = Math.floor(limits.numBlocks / ofGroup)
  const left = limits.numBlocks - numGroups * ofGroup - shared
  const inBlocks = numGroups * numAnswers + Math.max(0, Math.floor(left / (own + 1)))
  return Math.min(most, Math.max(1, inBlocks))
}
