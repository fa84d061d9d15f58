import { call, type DType } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'

/** The values in another dtype: f32, bf16 (to nearest even) or i32 (towards zero). The gradient is cast back. */
export function cast(x: Tensor, dtype: DType): Tensor {
  const from = x.dtype
  return record(call('cast', x.native, dtype), {
    name: 'cast',
    inputs: [dtype === 'f32' || dtype === 'bf16' ? x : null],
    saved: [],
    backward: (dy) => [call('cast', dy, from)],
  })
}
