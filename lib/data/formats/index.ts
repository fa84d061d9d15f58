// Which reader a file's name asks for.
import { readCsvRecords } from './csv.js'
import type { FormatReader } from './format.js'
import { readJsonRecords } from './json.js'
import { readJsonlRecords } from './jsonl.js'
import { readParquetRecords } from './parquet.js'

const readers: Readonly<Record<string, FormatReader>> = {
  parquet: readParquetRecords,
  jsonl: readJsonlRecords,
  ndjson: readJsonlRecords,
  json: readJsonRecords,
  csv: readCsvRecords,
  tsv: readCsvRecords,
}

export const formatNames: readonly string[] = Object.keys(readers)

/** The format that a name's ending stands for, or undefined. */
export function formatOf(name: string): string | undefined {
  const ending = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase()
  return ending !== undefined && Object.hasOwn(readers, ending) ? ending : undefined
}

/** Of a file whose name tells nothing: JSON Lines. */
export function readerOf(name: string): FormatReader {
  return readers[formatOf(name) ?? 'jsonl'] as FormatReader
}
