// What a recipe's data.difficulty makes of a data set: a band of pass rates, and how often a row is seen. Pure.
import type { Row } from '../row.js'
import { type PassRate, passRateOf } from './pass-rate.js'

export const difficultyWeights = ['none', 'hard', 'uncertain'] as const
/**
 * How often a row of pass rate p is seen. 'none': as often as any other. 'hard': in proportion to 1 − p. 'uncertain': to p(1 −
 * p), the variance of the reward. p is smoothed by Laplace's rule, (right + 1) / (samples + 2), so that no row is lost.
 */
export type DifficultyWeight = (typeof difficultyWeights)[number]

/** What to make of the pass rates of a data set's rows: their fields passRate, from 0 to 1, and numSamples. */
export interface Difficulty {
  /** Rows with a pass rate from here to `max` are kept, both included. Default 0. */
  min?: number | undefined
  /** Default 1. */
  max?: number | undefined
  /** Default 'none'. */
  weight?: DifficultyWeight | undefined
}

export function isInBand(row: Row, { min = 0, max = 1 }: Difficulty): boolean {
  const { passRate } = passRateOf(row)
  return passRate >= min && passRate <= max
}

/** How often each row is seen in proportion to others; undefined where all are seen alike. */
export function weightsOf(rows: readonly Row[], weight: DifficultyWeight = 'none'): number[] | undefined {
  if (weight === 'none') return undefined
  return rows.map((row) => {
    const p = smoothed(passRateOf(row))
    return weight === 'hard' ? 1 - p : p * (1 - p)
  })
}

/** Laplace's rule of succession: of few samples none or all right, p is neither 0 nor 1, and no row is lost. */
const smoothed = ({ passRate, numSamples }: PassRate): number => (passRate * numSamples + 1) / (numSamples + 2)
