// The lines of a file with their places in it, so that one can be found again without keeping its text.
import { createReadStream } from 'node:fs'

export interface FileLine {
  /** Bytes before it. */
  offset: number
  /** Without the end of line. */
  bytes: Buffer
  /** False for a last line without an end: what a process that was killed had written of it. */
  isWhole: boolean
}

/** As long as `maxBytes`; a longer line ends with `isWhole` false there. */
export async function* fileLines(path: string, { maxBytes = 2 ** 28 } = {}): AsyncGenerator<FileLine> {
  let pieces: Buffer[] = []
  let offset = 0
  let length = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    let begin = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, begin)) {
      const bytes = Buffer.concat([...pieces, chunk.subarray(begin, end)])
      yield { offset, bytes, isWhole: true }
      offset += bytes.length + 1
      begin = end + 1
      pieces = []
      length = 0
    }
    pieces.push(chunk.subarray(begin))
    length += chunk.length - begin
    if (length > maxBytes) break
  }
  if (length > 0) yield { offset, bytes: Buffer.concat(pieces), isWhole: false }
}
