// The problems that every phase is evaluated on: one file's, or those of several sets with names.
import type { Row } from '../data/row.js'
import type { GradedAnswer } from '../eval/evaluate.js'
import { summarize } from '../eval/statistics.js'
import type { SetAccuracy } from './events.js'
import { type ReadSet, readSet } from './read-sets.js'
import type { DataSetSection } from './recipe/data-set.js'
import type { Recipe } from './recipe/recipe.js'

export interface HeldOut {
  /** One set after another. */
  rows: readonly Row[]
  /** Empty where the recipe names none. */
  sets: readonly { name: string; numRows: number }[]
}

/** Of each set at most so many problems are taken. Beside them what the recipe's section becomes, and the rows that were passed over. */
export async function readHeldOut(
  data: Recipe['data'],
  { numProblems }: { numProblems: number },
): Promise<{ heldOut: HeldOut; section: Partial<Recipe['data']>; badRows: string[] }> {
  const read = (set: DataSetSection) => readSet(set, data, { atLeast: 2 }) // a standard error needs two
  if (data.heldOut !== undefined) {
    const { rows, section, badRows } = await read(data.heldOut)
    return { heldOut: { rows: rows.slice(0, numProblems), sets: [] }, section: { heldOut: section }, badRows }
  }
  const sets: (ReadSet & { name: string })[] = []
  for (const [name, set] of Object.entries(data.heldOutSets ?? {})) {
    const { rows, ...rest } = await read(set)
    sets.push({ name, rows: rows.slice(0, numProblems), ...rest })
  }
  return {
    heldOut: {
      rows: sets.flatMap(({ rows }) => rows),
      sets: sets.map(({ name, rows }) => ({ name, numRows: rows.length })),
    },
    section: { heldOutSets: Object.fromEntries(sets.map(({ name, section }) => [name, section])) },
    badRows: sets.flatMap(({ badRows }) => badRows),
  }
}

/** pass@1 of each set; `problems` are the graded answers of all rows, in their order. */
export function setAccuracies(sets: HeldOut['sets'], problems: readonly GradedAnswer[][]): SetAccuracy[] {
  let end = 0
  return sets.map(({ name, numRows }) => {
    const { passAt1, standardError } = summarize(problems.slice(end, end + numRows))
    end += numRows
    return { name, passAt1, standardError }
  })
}
