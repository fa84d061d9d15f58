// JSON Lines: one value a line, read as a stream so that a file may be larger than memory.
import { type FileHandle, open } from 'node:fs/promises'
import { FileFormatError } from '../errors.js'
import { parseJson } from './json.js'
import { namedWrite } from './named-write.js'
import { maxRecordLength, textChunks } from './text-chunks.js'

export interface JsonlRecord {
  /** Counted from 1, blank lines included. */
  line: number
  value: unknown
}

/**
 * Every value of a file, or of a stream that errors call by the path, with its line. Blank lines are passed over; a line that is
 * not JSON is an error.
 */
export async function* readJsonl(path: string, stream?: AsyncIterable<unknown>): AsyncGenerator<JsonlRecord> {
  for await (const { line, text } of readLines(path, stream)) {
    if (text.trim() !== '') yield { line, value: parseJson(text, { file: path, place: `line ${line}` }) }
  }
}

/** Appends values to a file, a line each; a line is handed to the system in one piece. */
export class JsonlWriter {
  private lastWrite: Promise<void> = Promise.resolve()
  #numBytes: number

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    numBytes: number,
  ) {
    this.#numBytes = numBytes
  }

  static async open(path: string, options: { mode: 'append' | 'create' } = { mode: 'append' }): Promise<JsonlWriter> {
    const file = await open(path, options.mode === 'append' ? 'a' : 'w')
    return new JsonlWriter(path, file, (await file.stat()).size)
  }

  /** Of the file, once what was asked for so far is written. */
  get numBytes(): number {
    return this.#numBytes
  }

  /** Lines keep the order of the calls, awaited or not. */
  write(value: unknown): Promise<void> {
    const line = `${JSON.stringify(value)}\n`
    this.#numBytes += Buffer.byteLength(line)
    return this.#then(() => this.file.appendFile(line))
  }

  /** Resolves when all lines so far are with the system. */
  flushed(): Promise<void> {
    return this.lastWrite
  }

  /** Resolves when all lines so far would outlast the machine. */
  sync(): Promise<void> {
    return this.#then(() => this.file.datasync())
  }

  /** Cuts the file to its first bytes. */
  cut(numBytes: number): Promise<void> {
    this.#numBytes = Math.min(this.#numBytes, numBytes)
    return this.#then(async () => {
      if ((await this.file.stat()).size > numBytes) await this.file.truncate(numBytes)
    })
  }

  async close(): Promise<void> {
    try {
      await this.lastWrite
    } finally {
      await this.file.close()
    }
  }

  #then(work: () => Promise<void>): Promise<void> {
    this.lastWrite = this.lastWrite.then(() => namedWrite(this.path, work))
    return this.lastWrite
  }
}

/** Every line of a file or stream, blank ones included, without the newline. */
export async function* readLines(
  path: string,
  stream?: AsyncIterable<unknown>,
): AsyncGenerator<{ line: number; text: string }> {
  let rest = ''
  let line = 0
  for await (const chunk of textChunks(path, stream)) {
    const [first = '', ...others] = chunk.split('\n')
    const lines = [rest + first, ...others]
    rest = lines.pop() ?? ''
    for (const text of lines) yield { line: ++line, text }
    if (rest.length <= maxRecordLength) continue
    const expected = `expected a line of at most ${maxRecordLength} letters`
    throw new FileFormatError({ file: path, place: `line ${line + 1}` }, expected)
  }
  if (rest !== '') yield { line: line + 1, text: rest }
}
