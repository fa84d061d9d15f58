// CSV and TSV with a header. Every cell is text, and an empty one no value. A row with too many or too few cells leaves the others
// readable; a quote out of place does not, since it leaves open where the next row begins.
import { Readable } from 'node:stream'
import { type Info, parse } from 'csv-parse'
import { FileFormatError, messageOf } from '../../errors.js'
import { maxRecordLength, textChunks } from '../../io/text-chunks.js'
import type { FileRecord } from './format.js'

export async function* readCsvRecords(path: string): AsyncGenerator<FileRecord> {
  let header: readonly string[] | undefined
  let end = 0
  for await (const { record, info } of readCells(path)) {
    const begin = end + 1
    end = info.lines
    if (header === undefined) header = checkedHeader(record, path)
    else yield recordOf(record, header, { file: path, place: lines(begin, end) })
  }
}

interface Cells {
  record: string[]
  /** `lines`: those up to the record's last. */
  info: Info
}

async function* readCells(path: string): AsyncGenerator<Cells> {
  const delimiter = /\.tsv$/i.test(path) ? '\t' : ','
  const parser = parse({
    ...{ delimiter, record_delimiter: ['\r\n', '\n', '\r'], skip_empty_lines: true, info: true },
    ...{ relax_column_count: true, max_record_size: maxRecordLength },
  })
  const text = Readable.from(textChunks(path))
  text.on('error', (error) => parser.destroy(error))
  try {
    yield* text.pipe(parser) as AsyncIterable<Cells>
  } catch (cause) {
    if (cause instanceof FileFormatError) throw cause
    throw new FileFormatError({ file: path }, `not CSV: ${messageOf(cause)}`, { cause })
  } finally {
    text.destroy()
  }
}

const lines = (begin: number, end: number): string => (begin === end ? `line ${end}` : `lines ${begin} to ${end}`)

function checkedHeader(names: readonly string[], path: string): readonly string[] {
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice === undefined) return names
  throw new FileFormatError({ file: path, place: 'header' }, `column ${JSON.stringify(twice)} is there twice`)
}

function recordOf(cells: string[], header: readonly string[], at: { file: string; place: string }): FileRecord {
  const { place } = at
  if (cells.length !== header.length) {
    const expected = `expected ${header.length} cells, as the header has, got ${cells.length}`
    return { place, problem: new FileFormatError(at, expected) }
  }
  const filled = header.flatMap((name, i) => (cells[i] === '' ? [] : [[name, cells[i]]]))
  return { place, value: Object.fromEntries(filled) }
}
