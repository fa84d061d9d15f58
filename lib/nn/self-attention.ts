import { checkOptions, type OptionKeys } from '../arguments.js'
import type { DropoutCall } from '../ops/dropout.js'
import { type RopeTables, rope } from '../ops/rope.js'
import type { Tensor } from '../tensor.js'
import { defaultInit, type Init, vectorOptions } from './init.js'
import { Linear } from './linear.js'
import { Module } from './module.js'
import { RmsNorm } from './rms-norm.js'
import { requireSizes } from './sizes.js'

/** Size and first values of a SelfAttention. */
export interface SelfAttentionOptions {
  /** C, of input and output. */
  width: number
  /** H, heads of queries. */
  numHeads: number
  /** K, heads of keys and values; a divisor of H. Fewer than H: grouped-query attention (Ainslie et al., 2023). */
  numKvHeads: number
  /** D: a multiple of 8 up to 256. H·D need not be C. */
  headSize: number
  /** Of the query, key and value projections. Default false. */
  hasBias?: boolean
  /** RMS norms over the head size, on each head's queries and keys before they are rotated. Default false. */
  hasQkNorms?: boolean
  /** Of those norms. Default 1e-6. */
  normEpsilon?: number
  /**
   * Makes the first values; unless given, normal ones of seed 0, from one sequence for all modules of the process. The
   * deviation asked of it is 1/√in of each projection.
   */
  init?: Init
}

/**
 * How queries `[T, H, D]` meet keys and values `[T, K, D]`, to `[T, H, D]`: what differs between training, prefill and
 * decoding.
 */
export type Attend = (q: Tensor, k: Tensor, v: Tensor) => Tensor

/** What a layer's attention needs beside its input. */
export interface AttentionContext {
  /** i32 [T]: each token's place in its sequence. */
  positions: Tensor
  /** Of the rotary embedding, with a row for each position. */
  tables: RopeTables
  /** Is given rotated queries and keys. */
  attend: Attend
  /** What the adapters of the projections drop; nothing where it is left out. */
  dropout?: DropoutCall | undefined
}

/**
 * x `[T, C]` → `[T, C]`: projections to queries, keys and values, norms where there are any, rotary positions (Su et al.,
 * 2021), attention, projection back.
 */
export class SelfAttention extends Module {
  /** `[H·D, C]`. */
  readonly query: Linear
  /** `[K·D, C]`. */
  readonly key: Linear
  /** `[K·D, C]`. */
  readonly value: Linear
  /** `[C, H·D]`, without a bias. */
  readonly output: Linear
  /** Over each head's D elements; null without norms. */
  readonly queryNorm: RmsNorm | null
  /** Over each head's D elements; null without norms. */
  readonly keyNorm: RmsNorm | null
  /** H. */
  readonly numHeads: number
  /** K. */
  readonly numKvHeads: number
  /** D. */
  readonly headSize: number

  constructor(options: SelfAttentionOptions) {
    checkOptions('SelfAttention', options, optionKeys)
    const { width, numHeads, numKvHeads, headSize, hasBias = false, hasQkNorms = false, normEpsilon } = options
    const { init = defaultInit } = options
    super()
    requireSizes('SelfAttention', { width, numHeads, numKvHeads, headSize })
    this.query = new Linear({ in: width, out: numHeads * headSize, hasBias, init })
    this.key = new Linear({ in: width, out: numKvHeads * headSize, hasBias, init })
    this.value = new Linear({ in: width, out: numKvHeads * headSize, hasBias, init })
    this.output = new Linear({ in: numHeads * headSize, out: width, hasBias: false, init })
    const { dtype, device } = vectorOptions(init, this.query.weight)
    const norm = () => (hasQkNorms ? new RmsNorm({ width: headSize, epsilon: normEpsilon, dtype, device }) : null)
    this.queryNorm = norm()
    this.keyNorm = norm()
    this.numHeads = numHeads
    this.numKvHeads = numKvHeads
    this.headSize = headSize
  }

  /**
   * x f32 `[T, C]` → `[T, C]`.
   * @param options What all layers of one call share: positions, rotary tables, who attends to whom, dropout.
   */
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

const optionKeys: OptionKeys<SelfAttentionOptions> = {
  width: true,
  numHeads: true,
  numKvHeads: true,
  headSize: true,
  hasBias: true,
  hasQkNorms: true,
  normEpsilon: true,
  init: true,
}

const normed = (norm: RmsNorm | null, heads: Tensor): Tensor => norm?.forward(heads) ?? heads
