import { call, callMany } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/**
 * silu(gate) · up, with silu(x) = x / (1 + e⁻ˣ) (Shazeer, "GLU Variants Improve Transformer", 2020). Both `[...]` of one shape
 * → that shape. Backward keeps both, and computes σ(gate) again.
 *
 * @throws {@link ArgumentError} for tensors of different shapes
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  requireTensors('swiglu', { gate, up })
  return record(call('swiglu', gate.native, up.native), {
    name: 'swiglu',
    inputs: [gate, up],
    saved: [gate, up],
    backward: (dy, [gate, up]) => callMany('swiglu_backward', dy, gate, up),
  })
}
