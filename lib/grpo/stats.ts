// What the objective's passes over micro-batches add up to.
import { grpoStatNames } from '../ops/grpo-loss.js'

type Sums = Record<(typeof grpoStatNames)[number], number>

export interface PassSums extends Sums {
  loss: number
  entropySum: number
  /** Tokens that went through the model, prompts included. */
  numInputTokens: number
}

export interface GrpoStats {
  loss: number
  numTokens: number
  numSequences: number
  numInputTokens: number
  /** Means over answer tokens; 0 where there are none. */
  entropy: number
  clipFractionLow: number
  clipFractionHigh: number
  clipFractionDual: number
  ratio: number
  /** How far the policy has moved from the one that sampled: the k3 estimate. */
  rolloutKl: number
  referenceKl: number
  maxLogprobDifference: number
}

export function sumsOf(
  stats: ArrayLike<number>,
  rest: { loss: number; entropySum: number; numInputTokens: number },
): PassSums {
  const sums = Object.fromEntries(grpoStatNames.map((field, i) => [field, stats[i] as number])) as Sums
  return { ...sums, ...rest }
}

export function combineStats(passes: readonly PassSums[]): GrpoStats {
  const total = (field: keyof PassSums) => passes.reduce((sum, pass) => sum + pass[field], 0)
  const numTokens = total('numTokens')
  const mean = (field: keyof PassSums) => (numTokens === 0 ? 0 : total(field) / numTokens)
  return {
    loss: total('loss'),
    numTokens,
    numSequences: total('numSequences'),
    numInputTokens: total('numInputTokens'),
    entropy: mean('entropySum'),
    clipFractionLow: mean('numClippedLow'),
    clipFractionHigh: mean('numClippedHigh'),
    clipFractionDual: mean('numClippedDual'),
    ratio: mean('ratioSum'),
    rolloutKl: mean('rolloutKlSum'),
    referenceKl: mean('referenceKlSum'),
    maxLogprobDifference: Math.max(0, ...passes.map((pass) => pass.maxLogprobDifference)),
  }
}
