// What a recipe's data.difficulty makes of a data set: a band of pass rates, and how often a row is seen. Pure.
import type { Row } from '../row.js'
import { type PassRate, passRateOf } from './pass-rate.js'

export const difficultyWeights = ['none', 'hard', 'uncertain'] as const
export type DifficultyWeight = (typeof difficultyWeights)[number]

export interface Difficulty {
  /** Rows with a pass rate from here … */
  min?: number | undefined
  /** … to here are kept, both included. */
  max?: number | undefined
  /** `hard`: in proportion to 1 − p; `uncertain`: to p(1 − p), the variance of the reward, so what there is to learn from. */
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
