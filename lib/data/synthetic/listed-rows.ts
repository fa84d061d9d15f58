// A generator's problems as a data set: a list that can be selected from and seen again, where the generator alone makes new ones for
// ever.
import type { ProblemSource } from '../problem-source.js'
import type { Row } from '../row.js'

/** The problems of the generator's first step. Nobody has solved them: their pass rates are made up, spread evenly from 0 to 1. */
export function listedRows(generator: ProblemSource, numRows: number): Row[] {
  return generator
    .rowsOf(0, numRows)
    .map((row, i) => ({ ...row, id: `row ${i + 1}`, passRate: numRows === 1 ? 0.5 : i / (numRows - 1) }))
}
