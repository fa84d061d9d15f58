// JSON Lines: one value a line, read as a stream so that a file may be larger than memory.
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { TextDecoder } from 'node:util'
import { FileFormatError, messageOf } from '../errors.js'

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
    if (text.trim() !== '') yield { line, value: parseLine(text, path, line) }
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
  let rest = ''
  let numLines = 0
  for await (const chunk of createReadStream(path)) {
    const lines = (rest + decodeChunk(decoder, chunk as Uint8Array, { path, numLines })).split('\n')
    rest = lines.pop() ?? ''
    numLines += lines.length
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

function parseLine(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FileFormatError({ file: path, place: `line ${line}` }, `not JSON: ${messageOf(cause)}`, { cause })
  }
}
