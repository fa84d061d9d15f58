// A decode step for B sequences, recorded once: each step writes its inputs, replays, and reads a token and a
// log-probability a sequence. Rows beyond the sequences have slot −1 and context length 0, and cost next to nothing.
import * as device from '../device.js'
import type { Decoder } from '../models/decoder.js'
import type { KvCache } from '../models/kv-cache.js'
import { type SampledTokens, type SamplingOptions, sampleToken } from '../ops/index.js'
import { Tensor } from '../tensor.js'
import { numTokens, type Sequence, slotOf, tokenAt } from './sequence.js'
import type { Sampled } from './step-runner.js'

export interface DecodeSize {
  /** Rows, B. */
  readonly numRows: number
  /** Blocks of the longest sequence, M. */
  readonly maxBlocks: number
}

/** Rows to decode with, for few recordings and at most an eighth of them idle. */
export function numDecodeRows(numSequences: number): number {
  const step = Math.max(1, 2 ** (Math.floor(Math.log2(numSequences)) - 3))
  return Math.ceil(numSequences / step) * step
}

// Fields of the one tensor that a step writes, each [B]. The context length is also the new token's position.
const fields = ['tokens', 'positions', 'slots', 'contextLengths', 'sequenceIds'] as const

export class DecodeProgram {
  readonly numRows: number
  readonly #cache: KvCache
  readonly #inputValues: Int32Array // [5 · B]
  readonly #inputs: Tensor
  readonly #tableValues: Int32Array // [B, M]
  readonly #tables: Tensor
  readonly #views: Tensor[]
  readonly #program: device.Program<SampledTokens>
  #tablesVersion = -1

  constructor(model: Decoder, cache: KvCache, size: DecodeSize & { sampling: SamplingOptions }) {
    const { numRows, maxBlocks, sampling } = size
    const { device } = model.head
    this.numRows = numRows
    this.#cache = cache
    this.#inputValues = new Int32Array(fields.length * numRows)
    this.#tableValues = new Int32Array(numRows * maxBlocks)
    this.#inputs = Tensor.empty([fields.length * numRows], { dtype: 'i32', device })
    this.#tables = Tensor.empty([numRows, maxBlocks], { dtype: 'i32', device })
    this.#views = fields.map((_, i) => this.#inputs.slice(i * numRows, (i + 1) * numRows))
    this.#program = this.#record(model, sampling)
  }

  #record(model: Decoder, sampling: SamplingOptions): device.Program<SampledTokens> {
    const [tokens, positions, slots, contextLengths, sequenceIds] = this.#views as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ]
    const step = () => {
      const inputs = { tokens, positions, slots, blockTables: this.#tables, contextLengths }
      const hidden = model.decode(inputs, this.#cache)
      return sampleToken(hidden, model.head, { sequenceIds, positions: contextLengths }, sampling)
    }
    return device.record(step, { device: model.head.device })
  }

  /** Feeds each sequence its last token and draws the next. The version tells when the tables must be written again. */
  async run(sequences: readonly Sequence[], tablesVersion: number): Promise<Sampled> {
    this.#fillInputs(sequences)
    this.#inputs.write(this.#inputValues)
    if (tablesVersion !== this.#tablesVersion) this.#writeTables(sequences)
    this.#tablesVersion = tablesVersion
    this.#program.replay()
    const { tokens, logprobs } = this.#program.result
    const [tokenValues, logprobValues] = await Promise.all([tokens.toArray(), logprobs.toArray()])
    return { tokens: tokenValues as Int32Array, logprobs: logprobValues as Float32Array }
  }

  #fillInputs(sequences: readonly Sequence[]): void {
    const { numRows } = this
    const values = this.#inputValues
    values.fill(0)
    values.fill(-1, 2 * numRows, 3 * numRows)
    for (let row = 0; row < sequences.length; row++) {
      const sequence = sequences[row] as Sequence
      const position = numTokens(sequence) - 1
      values[row] = tokenAt(sequence, position)
      values[numRows + row] = position
      values[2 * numRows + row] = slotOf(sequence, position, this.#cache.blockSize)
      values[3 * numRows + row] = position + 1
      values[4 * numRows + row] = sequence.sequenceId
    }
  }

  #writeTables(sequences: readonly Sequence[]): void {
    const maxBlocks = this.#tableValues.length / this.numRows
    for (let row = 0; row < sequences.length; row++)
      this.#tableValues.set((sequences[row] as Sequence).blocks, row * maxBlocks)
    this.#tables.write(this.#tableValues)
  }

  dispose(): void {
    this.#program.dispose()
    for (const tensor of [...this.#views, this.#tables, this.#inputs]) tensor.dispose()
  }
}
