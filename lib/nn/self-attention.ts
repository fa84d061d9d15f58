import { type RopeTables, rope } from '../ops/rope.js'
import type { Tensor } from '../tensor.js'
import type { Init } from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'

export interface SelfAttentionOptions {
  width: number
  numHeads: number
  numKvHeads: number
  headSize: number
  /** Of the query, key and value projections. */
  hasBias?: boolean
  init?: Init
}

/** How queries [T, H, D] meet keys and values [T, K, D]: what differs between training, prefill and decoding. */
export type Attend = (q: Tensor, k: Tensor, v: Tensor) => Tensor

export interface AttentionContext {
  /** i32 [T] */
  positions: Tensor
  tables: RopeTables
  attend: Attend
}

/** x [T, C] → [T, C]: projections, rotary positions, attention, projection back. */
export class SelfAttention extends Module {
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly output: Linear
  readonly numHeads: number
  readonly numKvHeads: number
  readonly headSize: number

  constructor({ width, numHeads, numKvHeads, headSize, hasBias = false, ...rest }: SelfAttentionOptions) {
    super()
    this.query = new Linear({ in: width, out: numHeads * headSize, hasBias, ...rest })
    this.key = new Linear({ in: width, out: numKvHeads * headSize, hasBias, ...rest })
    this.value = new Linear({ in: width, out: numKvHeads * headSize, hasBias, ...rest })
    this.output = new Linear({ in: numHeads * headSize, out: width, hasBias: false, ...rest })
    this.numHeads = numHeads
    this.numKvHeads = numKvHeads
    this.headSize = headSize
  }

  forward(x: Tensor, { positions, tables, attend }: AttentionContext): Tensor {
    const q = rope(this.#heads(this.query, x, this.numHeads), positions, tables)
    const k = rope(this.#heads(this.key, x, this.numKvHeads), positions, tables)
    const v = this.#heads(this.value, x, this.numKvHeads)
    const mixed = attend(q, k, v)
    return this.output.forward(mixed.reshape([x.shape[0] ?? 0, this.numHeads * this.headSize]))
  }

  #heads(projection: Linear, x: Tensor, numHeads: number): Tensor {
    const numTokens = x.shape[0] ?? 0
    return projection.forward(x).reshape([numTokens, numHeads, this.headSize])
  }
}
