import { checkOptions, type OptionKeys } from '../arguments.js'
import { callMany, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/**
 * y = x / √(mean(x²) + epsilon) · weight, over the last dimension (Zhang & Sennrich, "Root Mean Square Layer Normalization",
 * 2019). x `[..., C]`, weight [C] → as x; epsilon above 0, default 1e-6. Backward keeps x, weight and each row's 1 / √(mean(x²)
 * + epsilon).
 *
 * @throws {@link ArgumentError} for a weight of another length, or an epsilon of 0 or less
 */
export function rmsNorm(x: Tensor, weight: Tensor, options: { epsilon?: number } = {}): Tensor {
  requireTensors('rms_norm', { x, weight })
  checkOptions('rms_norm', options, optionKeys)
  const { epsilon = 1e-6 } = options
  const [y, inverseRms] = callMany('rms_norm', x.native, weight.native, epsilon) as [NativeTensor, NativeTensor]
  return record(y, {
    name: 'rms_norm',
    inputs: [x, weight],
    saved: [x, weight, inverseRms],
    backward: (dy, [x, weight, inverseRms]) => callMany('rms_norm_backward', dy, x, weight, inverseRms),
  })
}

const optionKeys: OptionKeys<{ epsilon?: number }> = { epsilon: true }
