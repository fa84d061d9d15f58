// A low-rank adapter beside a frozen projection (Hu et al., "LoRA: low-rank adaptation of large language models", 2021).

import { checkOptions, type OptionKeys, requireNumbers } from '../arguments.js'
import { zeros } from '../create.js'
import { add, mul } from '../ops/binary.js'
import { type DropoutCall, dropout } from '../ops/dropout.js'
import { linear } from '../ops/linear.js'
import { Tensor } from '../tensor.js'
import { uniformValues } from './init.js'
import { Module } from './module.js'
import { requireSizes } from './sizes.js'

/** Size, scale and first values of a LoraAdapter. */
export interface LoraAdapterOptions {
  /** Length of an input row of the projection. */
  in: number
  /** Length of an output row of the projection. */
  out: number
  /** r, rows of `a` and columns of `b`. */
  rank: number
  /** Factor on what it adds: alpha / rank, say. */
  scale: number
  /** Share of x, in [0, 1), that is dropped where a call asks for dropout. Default 0. */
  dropout?: number
  /** Of the values of `a`, together with the name. */
  seed: number
  /** The projection's path, say: it names the random stream of `a`, so each adapter has its own. */
  name: string
  /** Its number among a model's adapters: each drops elements of its own. Default 0. */
  site?: number
  /** Default `cpu`. */
  device?: string
}

/**
 * A low-rank adapter beside a frozen projection: x `[..., in]` → scale · (x · aᵀ) · bᵀ `[..., out]`, to be added to it (Hu et
 * al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021). `b` begins at zero, `a` uniform within ±1/√in, as Python's
 * peft begins.
 */
export class LoraAdapter extends Module {
  /** f32 `[rank, in]`. */
  readonly a: Tensor
  /** f32 `[out, rank]`. */
  readonly b: Tensor
  /** Factor on what it adds. */
  readonly scale: number
  /** Share of x that is dropped where a call asks for dropout. */
  readonly dropout: number
  readonly #site: number

  constructor(options: LoraAdapterOptions) {
    super()
    checkOptions('LoraAdapter', options, optionKeys)
    const { in: width, out, rank, scale, dropout = 0, seed, name, site = 0, device } = options
    requireSizes('LoraAdapter', { in: width, out, rank })
    requireNumbers('LoraAdapter', { scale, dropout, site })
    this.a = Tensor.empty([rank, width], { device, requiresGrad: true })
    // Kaiming's uniform bound with the slope √5 that Python's peft begins with: √(6 / ((1 + 5) · in)).
    this.a.write(uniformValues(rank * width, { seed, name, bound: 1 / Math.sqrt(width) }))
    this.b = zeros([out, rank], { device, requiresGrad: true })
    this.scale = scale
    this.dropout = dropout
    this.#site = site
  }

  /**
   * What there is to add: x f32 `[..., in]` → `[..., out]`. Elements of x are dropped, and the others divided by 1 − dropout,
   * only with a call that says which.
   */
  forward(x: Tensor, call?: DropoutCall): Tensor {
    if (!call || this.dropout === 0) return this.#product(x)
    using kept = dropout(x, { rate: this.dropout, site: this.#site, ...call })
    return this.#product(kept)
  }

  /** y + forward(x), y `[..., out]`. y is disposed of here: what its gradient needs is on the tape. */
  addTo(y: Tensor, x: Tensor, call?: DropoutCall): Tensor {
    using projected = y
    using added = this.forward(x, call)
    return add(projected, added)
  }

  #product(x: Tensor): Tensor {
    using inner = linear(x, this.a)
    using scaled = mul(inner, this.scale)
    return linear(scaled, this.b)
  }
}

const optionKeys: OptionKeys<LoraAdapterOptions> = {
  in: true,
  out: true,
  rank: true,
  scale: true,
  dropout: true,
  seed: true,
  name: true,
  site: true,
  device: true,
}
