// A low-rank adapter beside a frozen projection (Hu et al., "LoRA: low-rank adaptation of large language models", 2021).
import { zeros } from '../create.js'
import { add, mul } from '../ops/binary.js'
import { type DropoutCall, dropout } from '../ops/dropout.js'
import { linear } from '../ops/linear.js'
import { Tensor } from '../tensor.js'
import { uniformValues } from './init.js'
import { Module } from './module.js'

export interface LoraAdapterOptions {
  in: number
  out: number
  rank: number
  /** Factor on what it adds: alpha / rank, say. */
  scale: number
  /** Share of x that is dropped where a call asks for dropout. */
  dropout?: number
  /** Of the values of `a`, with the name that is theirs alone. */
  seed: number
  name: string
  /** Its number among a model's adapters: each drops elements of its own. */
  site?: number
  device?: string
}

/** x [..., in] → scale · (x · aᵀ) · bᵀ [..., out], to be added to the projection. `b` begins at zero. */
export class LoraAdapter extends Module {
  /** [rank, in] */
  readonly a: Tensor
  /** [out, rank] */
  readonly b: Tensor
  readonly scale: number
  readonly dropout: number
  readonly #site: number

  constructor({ in: width, out, rank, scale, dropout = 0, seed, name, site = 0, device }: LoraAdapterOptions) {
    super()
    this.a = Tensor.empty([rank, width], { device, requiresGrad: true })
    // Kaiming's uniform bound with the slope √5 that Python's peft begins with: √(6 / ((1 + 5) · in)).
    this.a.write(uniformValues(rank * width, { seed, name, bound: 1 / Math.sqrt(width) }))
    this.b = zeros([out, rank], { device, requiresGrad: true })
    this.scale = scale
    this.dropout = dropout
    this.#site = site
  }

  /** What there is to add. Elements of x are dropped only with a call that says which. */
  forward(x: Tensor, call?: DropoutCall): Tensor {
    if (!call || this.dropout === 0) return this.#product(x)
    using kept = dropout(x, { rate: this.dropout, site: this.#site, ...call })
    return this.#product(kept)
  }

  /** y + forward(x). y ends here: what its gradient needs is on the tape. */
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
