// The training rows as data.difficulty has them: those in its band, each as often as its weight says.
import { type SelectableSource, shuffledRows } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import type { NumberedRow } from '../data/rows.js'
import { type Difficulty, isInBand, weightsOf } from '../data/select/difficulty.js'
import { passRateOf } from '../data/select/pass-rate.js'
import { FileFormatError, messageOf } from '../errors.js'
import type { Stage } from '../schedule/stage.js'

/** A row without a pass rate, and a band without a row, are errors that name the file, and the line. */
export function rowsByDifficulty(
  numbered: readonly NumberedRow[],
  { difficulty, seed, file }: { difficulty: Difficulty | undefined; seed: number; file: string },
): SelectableSource {
  if (!difficulty) return shuffledRows(rowsOf(numbered), { seed })
  requirePassRates(numbered, 'data.difficulty')
  const inBand = rowsOf(numbered).filter((row) => isInBand(row, difficulty))
  if (inBand.length > 0) return shuffledRows(inBand, { seed, weights: weightsOf(inBand, difficulty.weight) })
  const { min, max } = difficulty
  throw new FileFormatError(
    { file },
    `expected a row with a passRate from ${min} to ${max}, got none of ${numbered.length}`,
  )
}

/** Where stages select by pass rate, every row must have one. */
export function requireStagePassRates(numbered: readonly NumberedRow[], stages: readonly Stage[]): void {
  const index = stages.findIndex(({ select }) => select?.minPassRate !== undefined || select?.maxPassRate !== undefined)
  if (index >= 0) requirePassRates(numbered, `schedule.stages.${index}.select`)
}

function requirePassRates(numbered: readonly NumberedRow[], asked: string): void {
  for (const { row, file, place } of numbered)
    try {
      passRateOf(row)
    } catch (cause) {
      throw new FileFormatError({ file, place }, `${asked}: ${messageOf(cause)}`, { cause })
    }
}

const rowsOf = (numbered: readonly NumberedRow[]): Row[] => numbered.map(({ row }) => row)
