import { call, type DType } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/**
 * The values in another dtype, x `[...]` of any → the same shape. To bf16: to nearest, ties to even, NaN stays NaN; to i32 and
 * u8: towards zero, clamped to the range, NaN gives 0; a new tensor also where nothing changes. Between float dtypes the
 * gradient is cast back; others have none.
 *
 * @throws {@link ArgumentError} for a dtype of another name
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  requireTensors('cast', { x })
  const from = x.dtype
  return record(call('cast', x.native, dtype), {
    name: 'cast',
    inputs: [dtype === 'f32' || dtype === 'bf16' ? x : null],
    saved: [],
    backward: (dy) => [call('cast', dy, from)],
  })
}
