// JSON Lines: one value a line, read as a stream so that a file may be larger than memory.
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { TextDecoder } from 'node:util'
import { FileFormatError } from '../errors.js'
import { parseJson } from './json.js'
import { regularFileBytes } from './read-file.js'

/** Letters: a line is held in memory, and one without an end would be held for ever. */
const maxLineLength = 2 ** 24

export interface JsonlRecord {
  /** Counted from 1, blank lines included. */
  line: number
  value: unknown
}

/** Every value of a file with its line. Blank lines are passed over; a line that is not JSON is an error. */
export async function* readJsonl(path: string): AsyncGenerator<JsonlRecord> {
  let line = 0
  for await (const text of readLines(path)) {
    line++
    if (text.trim() !== '') yield { line, value: parseJson(text, { file: path, place: `line ${line}` }) }
  }
}

/** Appends values to a file, a line each; a line is handed to the system in one piece. */
export class JsonlWriter {
  private lastWrite: Promise<void> = Promise.resolve()

  private constructor(private readonly file: FileHandle) {}

  static async open(path: string, options: { mode: 'append' | 'create' } = { mode: 'append' }): Promise<JsonlWriter> {
    return new JsonlWriter(await open(path, options.mode === 'append' ? 'a' : 'w'))
  }

  /** Lines keep the order of the calls, awaited or not. */
  write(value: unknown): Promise<void> {
    const line = `${JSON.stringify(value)}\n`
    this.lastWrite = this.lastWrite.then(() => this.file.appendFile(line))
    return this.lastWrite
  }

  async close(): Promise<void> {
    try {
      await this.lastWrite
    } finally {
      await this.file.close()
    }
  }
}

async function* readLines(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  await regularFileBytes(path)
  let rest = ''
  let numLines = 0
  for await (const chunk of createReadStream(path)) {
    const [first = '', ...others] = decodeChunk(decoder, chunk as Uint8Array, { path, numLines }).split('\n')
    const lines = [rest + first, ...others]
    rest = lines.pop() ?? ''
    numLines += lines.length
    if (rest.length > maxLineLength)
      throw new FileFormatError(
        { file: path, place: `line ${numLines + 1}` },
        `expected a line of at most ${maxLineLength} letters`,
      )
    yield* lines
  }
  rest += decodeChunk(decoder, undefined, { path, numLines })
  if (rest !== '') yield rest
}

function decodeChunk(
  decoder: TextDecoder,
  chunk: Uint8Array | undefined,
  at: { path: string; numLines: number },
): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
  } catch (cause) {
    throw new FileFormatError({ file: at.path, place: `after line ${at.numLines}` }, 'expected UTF-8 text', { cause })
  }
}
