import { callMany, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'

/** y = x / sqrt(mean(x²) + epsilon) · weight over the last dimension. x [..., C], weight [C] → as x. */
export function rmsNorm(x: Tensor, weight: Tensor, { epsilon = 1e-6 }: { epsilon?: number } = {}): Tensor {
  const [y, inverseRms] = callMany('rms_norm', x.native, weight.native, epsilon) as [NativeTensor, NativeTensor]
  return record(y, {
    name: 'rms_norm',
    inputs: [x, weight],
    saved: [x, weight, inverseRms],
    backward: (dy, [x, weight, inverseRms]) => callMany('rms_norm_backward', dy, x, weight, inverseRms),
  })
}
