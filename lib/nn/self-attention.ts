import { type RopeTables, rope } from '../ops/rope.js'
import type { Tensor } from '../tensor.js'
import type { Init } from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import { RmsNorm } from './rms-norm.js'

export interface SelfAttentionOptions {
  width: number
  numHeads: number
  numKvHeads: number
  headSize: number
  /** Of the query, key and value projections. */
  hasBias?: boolean
  /** RMS norms over the head size, on each head's queries and keys before they are rotated. */
  hasQkNorms?: boolean
  /** Of those norms. */
  normEpsilon?: number
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

/** x [T, C] → [T, C]: projections, norms where there are any, rotary positions, attention, projection back. */
export class SelfAttention extends Module {
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly output: Linear
  readonly queryNorm: RmsNorm | null
  readonly keyNorm: RmsNorm | null
  readonly numHeads: number
  readonly numKvHeads: number
  readonly headSize: number

  constructor(options: SelfAttentionOptions) {
    const { width, numHeads, numKvHeads, headSize, hasBias = false, hasQkNorms = false, normEpsilon, ...rest } = options
    super()
    this.query = new Linear({ in: width, out: numHeads * headSize, hasBias, ...rest })
    this.key = new Linear({ in: width, out: numKvHeads * headSize, hasBias, ...rest })
    this.value = new Linear({ in: width, out: numKvHeads * headSize, hasBias, ...rest })
    this.output = new Linear({ in: numHeads * headSize, out: width, hasBias: false, ...rest })
    const { dtype, device } = this.query.weight
    const norm = () => (hasQkNorms ? new RmsNorm({ width: headSize, epsilon: normEpsilon, dtype, device }) : null)
    this.queryNorm = norm()
    this.keyNorm = norm()
    this.numHeads = numHeads
    this.numKvHeads = numKvHeads
    this.headSize = headSize
  }

  forward(x: Tensor, { positions, tables, attend }: AttentionContext): Tensor {
    const q = rope(normed(this.queryNorm, this.#heads(this.query, x, this.numHeads)), positions, tables)
    const k = rope(normed(this.keyNorm, this.#heads(this.key, x, this.numKvHeads)), positions, tables)
    const v = this.#heads(this.value, x, this.numKvHeads)
    const mixed = attend(q, k, v)
    return this.output.forward(mixed.reshape([x.shape[0] ?? 0, this.numHeads * this.headSize]))
  }

  #heads(projection: Linear, x: Tensor, numHeads: number): Tensor {
    const numTokens = x.shape[0] ?? 0
    return projection.forward(x).reshape([numTokens, numHeads, this.headSize])
  }
}

const normed = (norm: RmsNorm | null, heads: Tensor): Tensor => norm?.forward(heads) ?? heads
