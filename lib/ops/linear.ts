import { call } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'

/** y = x · weightᵀ + bias. x [..., in], weight [out, in], bias [out] → [..., out]. A row's bits depend on that row alone. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  return record(call('linear', x.native, weight.native, bias?.native ?? null), {
    name: 'linear',
    inputs: [x, weight, bias],
    saved: [x, weight],
    backward: (dy, [x, weight], [needsX, needsWeight, needsBias]) => [
      needsX ? call('linear_input_gradient', dy, weight) : null,
      needsWeight ? call('linear_weight_gradient', dy, x) : null,
      needsBias ? call('column_sum', dy) : null,
    ],
  })
}
