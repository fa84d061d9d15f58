// The problems that every phase is evaluated on: one file's, or those of several sets with names.
import type { Row } from '../data/row.js'
import type { GradedAnswer } from '../eval/evaluate.js'
import { summarize } from '../eval/statistics.js'
import type { SetAccuracy } from './events.js'

export interface HeldOut {
  /** One set after another. */
  rows: readonly Row[]
  /** Empty where the recipe names none. */
  sets: readonly { name: string; numRows: number }[]
}

/** `read` gives the rows of a file; of each set at most so many are taken. */
export async function readHeldOut(
  { heldOut, heldOutSets = {} }: { heldOut?: string | undefined; heldOutSets?: Record<string, string> | undefined },
  { numProblems, read }: { numProblems: number; read: (file: string) => Promise<readonly Row[]> },
): Promise<HeldOut> {
  const first = async (file: string) => (await read(file)).slice(0, numProblems)
  if (heldOut !== undefined) return { rows: await first(heldOut), sets: [] }
  const sets: { name: string; rows: Row[] }[] = []
  for (const [name, file] of Object.entries(heldOutSets)) sets.push({ name, rows: await first(file) })
  return {
    rows: sets.flatMap(({ rows }) => rows),
    sets: sets.map(({ name, rows }) => ({ name, numRows: rows.length })),
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
