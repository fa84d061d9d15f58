import { zeros } from '../create.js'
import type { DropoutCall } from '../ops/dropout.js'
import { linear } from '../ops/linear.js'
import type { Tensor } from '../tensor.js'
import { defaultInit, type Init, vectorOptions } from './init.js'
import type { LoraAdapter } from './lora.js'
import { Module } from './module.js'

export interface LinearOptions {
  in: number
  out: number
  hasBias?: boolean
  init?: Init
}

/** x [..., in] → x · weightᵀ + bias [..., out], and what the adapter adds where there is one. */
export class Linear extends Module {
  /** [out, in] */
  readonly weight: Tensor
  /** [out] */
  readonly bias: Tensor | null
  /** Set by applyLora(). */
  lora: LoraAdapter | null = null

  constructor({ in: width, out, hasBias = true, init = defaultInit }: LinearOptions) {
    super()
    this.weight = init([out, width], 1 / Math.sqrt(width))
    this.bias = hasBias ? zeros([out], vectorOptions(init, this.weight)) : null
  }

  /** `call` says what the adapter drops; nothing where it is left out. */
  forward(x: Tensor, call?: DropoutCall): Tensor {
    const y = linear(x, this.weight, this.bias)
    return this.lora ? this.lora.addTo(y, x, call) : y
  }
}
