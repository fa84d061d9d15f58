// A data set's rows one after another, whatever it is kept in. A file is read as it is needed; it may be larger than memory.

import { checkOptions, type OptionKeys } from '../arguments.js'
import { FileFormatError } from '../errors.js'
import { type PlacedRow, type ReadRecordOptions, type RecordPlace, readRecords } from './read-records.js'
import type { Row } from './row.js'
import { rowOf } from './row-of.js'
import type { DataSource } from './source.js'

/** How rows are read. */
export interface ReadOptions extends ReadRecordOptions {
  /** Whether a row without an answer cannot be used. Default false. */
  needsAnswer?: boolean | undefined
}

/**
 * The rows of a file, a folder, or a data set in the Hugging Face cache, one after another: a file is read as it is needed, and
 * may be larger than memory.
 *
 * @throws {@link FileFormatError} for a row that cannot be used (no JSON, no `problem`, a column that is mapped and missing, an id
 * that was there before), with its file and line, unless `source.maxBadRows` has room for it; and for a path that is not there
 * @throws {@link ArgumentError} for a split or subset that is not there, or must be named
 */
export async function* readData(source: string | DataSource, options: ReadOptions = {}): AsyncGenerator<Row> {
  checkOptions('data', options, optionKeys)
  for await (const { row } of readPlaced(source, options)) yield row
}

/** As readData, each row with its file and its place there. */
export async function* readPlaced(
  from: string | DataSource,
  { needsAnswer = false, ...options }: ReadOptions = {},
): AsyncGenerator<PlacedRow<Row>> {
  yield* readRecords(from, (value, at) => usableRow(value, at, { needsAnswer }), options)
}

function usableRow(value: unknown, at: RecordPlace, { needsAnswer }: { needsAnswer: boolean }): Row | FileFormatError {
  const row = rowOf(value, at)
  if (row instanceof FileFormatError || !needsAnswer || row.answer !== undefined) return row
  return lacksAnswer(row, at)
}

function lacksAnswer({ id }: Row, { file, place, name }: RecordPlace): FileFormatError {
  const which = id === name ? place : `${place}, row ${JSON.stringify(id)}`
  return new FileFormatError({ file, place: which }, 'expected an answer, got none')
}

/** Of readData() and readRows(). */
export const optionKeys: OptionKeys<ReadOptions> = { needsAnswer: true, onBadRow: true, env: true, signal: true }
