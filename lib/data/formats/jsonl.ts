// JSON Lines: a record a line. A line that is not JSON leaves the others readable.
import { FileFormatError } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import { readLines } from '../../io/jsonl.js'
import type { FileRecord } from './format.js'

export async function* readJsonlRecords(path: string): AsyncGenerator<FileRecord> {
  for await (const { line, text } of readLines(path)) {
    if (text.trim() !== '') yield jsonRecord(text, { file: path, place: `line ${line}` })
  }
}

/** The value of a JSON text, or what is wrong with it. */
export function jsonRecord(text: string, { file, place }: { file: string; place: string }): FileRecord {
  try {
    return { place, value: parseJson(text, { file, place }) }
  } catch (problem) {
    if (problem instanceof FileFormatError) return { place, problem }
    throw problem
  }
}
