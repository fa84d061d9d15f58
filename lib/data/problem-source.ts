// Where a run's problems come from. Pure: a step's rows depend on the step alone, so that a resumed run sees what it
// would have seen.

import { checkOptions, type OptionKeys, requireArrays, requireNumbers } from '../arguments.js'
import { nextIndices } from './order.js'
import type { Row } from './row.js'

/**
 * Where a run's problems come from. A step's rows depend on the step alone, so that a resumed run sees what it would have seen.
 */
export interface ProblemSource {
  /** The `count` rows of a step, counted from 0. */
  rowsOf(step: number, count: number): Row[]
}

/** A source of rows that are known beforehand, and may be selected from. */
export interface SelectableSource extends ProblemSource {
  /** All of them, in the order of the data set. */
  readonly rows: readonly Row[]
  /** Those rows alone for which `keeps` is true, in an order of their own; there must be one. */
  where(keeps: (row: Row) => boolean): SelectableSource
}

export const isSelectable = (source: ProblemSource): source is SelectableSource => 'where' in source

/** The order of rows. */
export interface ShuffleOptions {
  /** Every epoch has an order of its own, drawn from it. */
  seed: number
  /**
   * Of each row, at least 0: how often it is seen in proportion to others. A row of w times the mean weight is seen ⌊w⌋ or ⌈w⌉
   * times an epoch. All alike where left out.
   */
  weights?: readonly number[] | undefined
}

/** The rows of a data set, each once an epoch, in an order drawn from the seed; or as often as its weight says. */
export function shuffledRows(rows: readonly Row[], options: ShuffleOptions): SelectableSource {
  requireArrays('shuffled rows', { rows })
  checkOptions('shuffled rows', options, optionKeys)
  const { seed, weights } = options
  requireNumbers('shuffled rows', { seed })
  return {
    rows,
    rowsOf(step, count) {
      const numBefore = step * count
      const position = { epoch: Math.floor(numBefore / rows.length), numSeen: numBefore % rows.length }
      return nextIndices(rows.length, { count, seed, weights, position }).indices.map((index) => rows[index] as Row)
    },
    where(keeps) {
      const kept = rows.flatMap((row, index) => (keeps(row) ? [index] : []))
      const options = { seed, weights: weights && kept.map((index) => weights[index] as number) }
      return shuffledRows(
        kept.map((index) => rows[index] as Row),
        options,
      )
    },
  }
}

const optionKeys: OptionKeys<ShuffleOptions> = { seed: true, weights: true }
