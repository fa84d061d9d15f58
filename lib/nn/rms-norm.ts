import { checkOptions, type OptionKeys } from '../arguments.js'
import { ones } from '../create.js'
import { rmsNorm } from '../ops/rms-norm.js'
import type { Tensor, TensorOptions } from '../tensor.js'
import { Module } from './module.js'
import { requireSizes } from './sizes.js'

/** Size and kind of an RmsNorm. */
export interface RmsNormOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** C, the length of what is normalised. */
  width: number
  /** Added to the mean of squares; above 0. Default 1e-6. */
  epsilon?: number | undefined
}

/**
 * Root mean square normalisation over the last dimension (Zhang & Sennrich, 2019): x `[..., C]` → x / √(mean(x²) + epsilon) ·
 * weight.
 */
export class RmsNorm extends Module {
  /** f32 [C], ones at first; one in bf16 can be saved, but not run. */
  readonly weight: Tensor
  /** Added to the mean of squares. */
  readonly epsilon: number

  constructor(options: RmsNormOptions) {
    super()
    checkOptions('RmsNorm', options, optionKeys)
    const { width, epsilon = 1e-6, dtype, device } = options
    requireSizes('RmsNorm', { width })
    this.weight = ones([width], { dtype, device, requiresGrad: dtype !== 'bf16' })
    this.epsilon = epsilon
  }

  /** x f32 `[..., C]` → the same shape. */
  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight, { epsilon: this.epsilon })
  }
}

const optionKeys: OptionKeys<RmsNormOptions> = { width: true, epsilon: true, dtype: true, device: true }
