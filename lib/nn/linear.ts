import { zeros } from '../create.js'
import { linear } from '../ops/linear.js'
import type { Tensor } from '../tensor.js'
import { defaultInit, type Init } from './init.js'
import { Module } from './module.js'

export interface LinearOptions {
  in: number
  out: number
  hasBias?: boolean
  init?: Init
}

/** x [..., in] → x · weightᵀ + bias [..., out] */
export class Linear extends Module {
  /** [out, in] */
  readonly weight: Tensor
  /** [out] */
  readonly bias: Tensor | null

  constructor({ in: width, out, hasBias = true, init = defaultInit }: LinearOptions) {
    super()
    this.weight = init([out, width], 1 / Math.sqrt(width))
    const { dtype, device } = this.weight
    this.bias = hasBias ? zeros([out], { dtype, device, requiresGrad: dtype !== 'bf16' }) : null
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }
}
