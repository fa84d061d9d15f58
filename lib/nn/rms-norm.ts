import { ones } from '../create.js'
import { rmsNorm } from '../ops/rms-norm.js'
import type { Tensor, TensorOptions } from '../tensor.js'
import { Module } from './module.js'

export interface RmsNormOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  width: number
  epsilon?: number | undefined
}

/** x [..., C] → x / rms(x) · weight */
export class RmsNorm extends Module {
  /** [C] */
  readonly weight: Tensor
  readonly epsilon: number

  constructor({ width, epsilon = 1e-6, dtype, device }: RmsNormOptions) {
    super()
    this.weight = ones([width], { dtype, device, requiresGrad: dtype !== 'bf16' })
    this.epsilon = epsilon
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight, { epsilon: this.epsilon })
  }
}
