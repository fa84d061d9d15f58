// Data sets held in memory: all rows of a file, a folder or a name.

import { checkOptions } from '../arguments.js'
import { FileFormatError } from '../errors.js'
import { optionKeys, type ReadOptions, readPlaced } from './read-data.js'
import type { Row } from './row.js'
import { type DataSource, dataSource } from './source.js'

/** A row and where it is from. */
export interface NumberedRow {
  row: Row
  file: string
  /** The line or the number of the row in its file, counted from 1: `line 3`. */
  place: string
}

/**
 * Every row of a data set, as {@link readData} reads them. A row without an id is known by its line, or by its number where a
 * file has no lines.
 *
 * @throws {@link FileFormatError} as readData, and where there is no row at all
 */
export async function readRows(source: string | DataSource, options: ReadOptions = {}): Promise<Row[]> {
  checkOptions('data', options, optionKeys)
  return (await readNumberedRows(source, options)).map(({ row }) => row)
}

export async function readNumberedRows(source: string | DataSource, options: ReadOptions = {}): Promise<NumberedRow[]> {
  const rows: NumberedRow[] = []
  for await (const row of readPlaced(source, options)) rows.push(row)
  if (rows.length > 0) return rows
  throw new FileFormatError({ file: dataSource(source).path }, 'expected at least one row')
}

/** Where in its file a row is: its line, and its name where it has one. */
export const placeOf = ({ row, place }: Pick<NumberedRow, 'row' | 'place'>): string =>
  row.id === place ? row.id : `${place}, row ${JSON.stringify(row.id)}`
