// A named set of problems, and what tells it from another.
import { createHash } from 'node:crypto'
import { requireArrays } from '../arguments.js'
import type { Row } from '../data/row.js'
import { RandomStream } from '../random.js'

/** Problems under a name. */
export interface ProblemSet {
  /** Sets of other names draw other random numbers, whatever their rows. */
  name: string
  /** In the order that results have. */
  rows: readonly Row[]
}

/** SHA-256 of the rows, in their order, as 64 hexadecimal digits: a problem more, or an answer mended, makes another set. */
export function setHash(rows: readonly Row[]): string {
  requireArrays('evaluation', { rows })
  const hash = createHash('sha256')
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`)
  return hash.digest('hex')
}

/** What the random streams of a set's problems are keyed by: sets of other names draw other numbers. */
export const setSeed = (seed: number, set: string): number =>
  Math.floor(new RandomStream(seed, `evaluation set ${set}`).uniform() * 2 ** 53)

/** For a server, which is given one number: in [0, 2³¹). */
export const sampleSeed = (
  seed: number,
  { set, index, sample }: { set: string; index: number; sample: number },
): number => new RandomStream(setSeed(seed, set), `problem ${index} sample ${sample}`).below(2 ** 31)
