// A file's text as it is read, in pieces of any length, so that a file may be larger than memory.
import { createReadStream } from 'node:fs'
import { TextDecoder } from 'node:util'
import { FileFormatError } from '../errors.js'
import { regularFileBytes } from './read-file.js'

/** Letters: what is held in memory while its end is sought, a line or a value; one without an end would be held for ever. */
export const maxRecordLength = 2 ** 24

/**
 * The pieces in their order, without a byte order mark. Bytes that are no UTF-8 are an error that names the line before them.
 * Of a stream, such as stdin, the path is but the name that errors give it.
 */
export async function* textChunks(path: string, stream?: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  if (!stream) await regularFileBytes(path)
  let numLines = 0
  for await (const chunk of stream ?? createReadStream(path)) {
    const text = decode(decoder, chunk as Uint8Array, { path, numLines })
    numLines += numNewlines(text)
    if (text !== '') yield text
  }
  const rest = decode(decoder, undefined, { path, numLines })
  if (rest !== '') yield rest
}

/** How many newlines there are in a text. */
export function numNewlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}

function decode(
  decoder: TextDecoder,
  chunk: Uint8Array | undefined,
  { path, numLines }: { path: string; numLines: number },
): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
  } catch (cause) {
    throw new FileFormatError({ file: path, place: `after line ${numLines}` }, 'expected UTF-8 text', { cause })
  }
}
