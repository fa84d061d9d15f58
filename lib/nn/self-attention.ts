import type { DropoutCall } from '../ops/dropout.js'
import { type RopeTables, rope } from '../ops/rope.js'
import type { Tensor } from '../tensor.js'
import { defaultInit, type Init, vectorOptions } from './init.js'
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
  /** What the adapters of the projections drop. */
  dropout?: DropoutCall | undefined
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
    const { width, numHeads, numKvHeads, headSize, hasBias = false, hasQkNorms = false, normEpsilon } = options
    const { init = defaultInit } = options
    super()
    this.query = new Linear({ in: width, out: numHeads * headSize, hasBias, init })
    this.key = new Linear({ in: width, out: numKvHeads * headSize, hasBias, init })
    this.value = new Linear({ in: width, out: numKvHeads * headSize, hasBias, init })
    this.output = new Linear({ in: numHeads * headSize, out: width, hasBias: false, init })
    const like = vectorOptions(init, this.query.weight)
    const norm = () => (hasQkNorms ? new RmsNorm({ width: headSize, epsilon: normEpsilon, ...like }) : null)
    this.queryNorm = norm()
    this.keyNorm = norm()
    this.numHeads = numHeads
    this.numKvHeads = numKvHeads
    this.headSize = headSize
  }

  forward(x: Tensor, { positions, tables, attend, dropout }: AttentionContext): Tensor {
    const numTokens = x.shape[0] ?? 0
    const heads = (projection: Linear, numHeads: number) =>
      projection.forward(x, dropout).reshape([numTokens, numHeads, this.headSize])
    const q = rope(normed(this.queryNorm, heads(this.query, this.numHeads)), positions, tables)
    const k = rope(normed(this.keyNorm, heads(this.key, this.numKvHeads)), positions, tables)
    const v = heads(this.value, this.numKvHeads)
    const mixed = attend(q, k, v)
    return this.output.forward(mixed.reshape([numTokens, this.numHeads * this.headSize]), dropout)
  }
}

const normed = (norm: RmsNorm | null, heads: Tensor): Tensor => norm?.forward(heads) ?? heads
