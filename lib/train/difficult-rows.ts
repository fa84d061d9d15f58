// The training rows as data.difficulty has them: those in its band, each as often as its weight says.
import { type SelectableSource, shuffledRows } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import { type Difficulty, isInBand, weightsOf } from '../data/select/difficulty.js'
import { FileFormatError, messageOf } from '../errors.js'

/** A row without a pass rate, and a band without a row, are errors that name the file. */
export function rowsByDifficulty(
  rows: readonly Row[],
  { difficulty, seed, file }: { difficulty: Difficulty | undefined; seed: number; file: string },
): SelectableSource {
  if (!difficulty) return shuffledRows(rows, { seed })
  const inBand = rowsInBand(rows, difficulty, file)
  if (inBand.length > 0) return shuffledRows(inBand, { seed, weights: weightsOf(inBand, difficulty.weight) })
  const { min, max } = difficulty
  throw new FileFormatError(
    { file },
    `expected a row with a passRate from ${min} to ${max}, got none of ${rows.length}`,
  )
}

function rowsInBand(rows: readonly Row[], difficulty: Difficulty, file: string): Row[] {
  try {
    return rows.filter((row) => isInBand(row, difficulty))
  } catch (cause) {
    throw new FileFormatError({ file }, `data.difficulty: ${messageOf(cause)}`, { cause })
  }
}
