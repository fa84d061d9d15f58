// JSON: an array of records, or records one after another as JSON Lines have them, in either case over as many lines as they like.
// Each record is cut out of the text and parsed alone, so that a file may be larger than memory.
import { FileFormatError } from '../../errors.js'
import { maxRecordLength, textChunks } from '../../io/text-chunks.js'
import type { FileRecord } from './format.js'
import { jsonRecord } from './jsonl.js'
import { type Scanned, ValueScanner } from './value-scanner.js'

export async function* readJsonRecords(path: string): AsyncGenerator<FileRecord> {
  const scanner = new ValueScanner()
  let row = 0
  const next = () => ({ file: path, place: `row ${row + 1}` })
  const recordOf = (scanned: Scanned): FileRecord => {
    if ('expected' in scanned)
      throw new FileFormatError(next(), `not JSON: expected ${scanned.expected}, got ${scanned.got}`)
    const record = jsonRecord(scanned.text, next())
    row++
    return record
  }
  for await (const chunk of textChunks(path)) {
    for (const scanned of scanner.push(chunk)) yield recordOf(scanned)
    if (scanner.numPending > maxRecordLength)
      throw new FileFormatError(next(), `expected a record of at most ${maxRecordLength} letters`)
  }
  for (const scanned of scanner.end()) yield recordOf(scanned)
}
