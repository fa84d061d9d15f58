import { call, callMany } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'

/** silu(gate) · up, with silu(x) = x / (1 + exp(−x)). Both of one shape. */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  return record(call('swiglu', gate.native, up.native), {
    name: 'swiglu',
    inputs: [gate, up],
    saved: [gate, up],
    backward: (dy, [gate, up]) => callMany('swiglu_backward', dy, gate, up),
  })
}
