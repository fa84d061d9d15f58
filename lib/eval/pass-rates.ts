// Pass rates of a model by problem: how difficult a data set is for it. Pure.
import type { Row } from '../data/row.js'
import { ArgumentError } from '../errors.js'
import type { ProblemResult } from './result-record.js'

export interface RatedRow extends Row {
  /** The share of the sampled answers that were right; one that was cut was not. */
  passRate: number
  numSamples: number
}

/** Every row with its pass rate; `results` are of one set, in any order. */
export function ratedRows(rows: readonly Row[], results: readonly ProblemResult[]): RatedRow[] {
  const byIndex = new Map(results.map((result) => [result.index, result]))
  return rows.map((row, index) => {
    const result = byIndex.get(index)
    if (!result) throw new ArgumentError(`[difficulty] expected answers to row ${JSON.stringify(row.id)}, got none`)
    const { numCorrect, numSamples } = result
    return { ...row, passRate: numCorrect / numSamples, numSamples }
  })
}

export interface RateBand {
  name: string
  numRows: number
}

const bands: readonly { name: string; holds: (rate: number) => boolean }[] = [
  { name: 'none right', holds: (rate) => rate === 0 },
  { name: 'up to 10%', holds: (rate) => rate > 0 && rate <= 0.1 },
  { name: 'up to 50%', holds: (rate) => rate > 0.1 && rate <= 0.5 },
  { name: 'up to 90%', holds: (rate) => rate > 0.5 && rate <= 0.9 },
  { name: 'above 90%', holds: (rate) => rate > 0.9 && rate < 1 },
  { name: 'all right', holds: (rate) => rate === 1 },
]

/** How many rows there are in each band of pass rates. */
export const rateBands = (rows: readonly { passRate: number }[]): RateBand[] =>
  bands.map(({ name, holds }) => ({ name, numRows: rows.filter(({ passRate }) => holds(passRate)).length }))
