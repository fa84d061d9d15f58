// Recorded decode steps by number of rows: the few used last are kept, for a batch that shrinks and grows again.
import type { Decoder } from '../models/decoder.js'
import type { KvCache } from '../models/kv-cache.js'
import type { SamplingOptions } from '../ops/index.js'
import { DecodeProgram, numDecodeRows } from './decode-program.js'

export const mostKept = 3

export class DecodePrograms {
  readonly #make: (numRows: number) => DecodeProgram
  readonly #programs = new Map<number, DecodeProgram>() // the last used last

  constructor(model: Decoder, cache: KvCache, size: { maxBlocks: number; sampling: SamplingOptions }) {
    this.#make = (numRows) => new DecodeProgram(model, cache, { numRows, ...size })
  }

  for(numSequences: number): DecodeProgram {
    const numRows = numDecodeRows(numSequences)
    const program = this.#programs.get(numRows) ?? this.#make(numRows)
    this.#programs.delete(numRows)
    this.#programs.set(numRows, program)
    const oldest = this.#programs.keys().next().value
    if (this.#programs.size > mostKept && oldest !== undefined) this.#drop(oldest)
    return program
  }

  #drop(numRows: number): void {
    this.#programs.get(numRows)?.dispose()
    this.#programs.delete(numRows)
  }

  dispose(): void {
    for (const numRows of [...this.#programs.keys()]) this.#drop(numRows)
  }
}
