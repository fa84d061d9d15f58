import { call } from '../native.js'
import { record } from '../record.js'
import { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/**
 * y = x · weightᵀ + bias. x f32 `[..., in]`, weight f32 or bf16 `[out, in]`, bias f32 [out] or null → f32 `[..., out]`. A bf16
 * weight gives the bits of its values in f32. A row's bits depend on that row alone.
 *
 * ∂x = dy · weight, ∂weight = dyᵀ · x, ∂bias = Σ dy over rows. Backward keeps x where weight requires a gradient, and weight
 * where x does.
 *
 * @throws {@link ArgumentError} for arguments of other shapes or dtypes
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  requireTensors('linear', { x, weight }, { bias })
  return record(call('linear', x.native, weight.native, bias?.native ?? null), {
    name: 'linear',
    inputs: [x, weight, bias],
    // A frozen weight has no gradient to keep x for.
    saved: [weight.requiresGrad ? x : null, x.requiresGrad ? weight : null],
    backward: (dy, [x, weight], [, , needsBias]) => [
      weight ? call('linear_input_gradient', dy, weight) : null,
      x ? call('linear_weight_gradient', dy, x) : null,
      needsBias ? call('column_sum', dy) : null,
    ],
  })
}

/** a · b, without a gradient. a [m, k], b [k, n] → [m, n]. */
export const product = (a: Tensor, b: Tensor): Tensor => Tensor.wrap(call('linear_input_gradient', a.native, b.native))
