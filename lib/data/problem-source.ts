// Where a run's problems come from. Pure: a step's rows depend on the step alone, so that a resumed run sees what it
// would have seen.
import { nextIndices } from './order.js'
import type { Row } from './row.js'

export interface ProblemSource {
  /** The `count` rows of a step, counted from 0. */
  rowsOf(step: number, count: number): Row[]
}

/** The rows of a data set, each once an epoch, in an order drawn from the seed. */
export function shuffledRows(rows: readonly Row[], { seed }: { seed: number }): ProblemSource {
  return {
    rowsOf(step, count) {
      const numBefore = step * count
      const position = { epoch: Math.floor(numBefore / rows.length), numSeen: numBefore % rows.length }
      return nextIndices(rows.length, { count, seed, position }).indices.map((index) => rows[index] as Row)
    },
  }
}
