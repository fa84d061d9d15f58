import { requireNumbers } from '../arguments.js'
import { call } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/**
 * y[n] = x[indices[n]]. x `[T, ...]`, indices i32 [N] → `[N, ...]`; a row is everything under the first dimension. Backward
 * keeps indices, and is {@link scatterAddRows}.
 *
 * @throws {@link ArgumentError} for a scalar x or indices that are not i32 of rank 1; an index outside [0, T) fails the op when it
 * runs
 */
export function gatherRows(x: Tensor, indices: Tensor): Tensor {
  requireTensors('gather_rows', { x, indices })
  const numRows = x.shape[0] ?? 0
  return record(call('gather_rows', x.native, indices.native), {
    name: 'gather_rows',
    inputs: [x],
    saved: [indices],
    backward: (dy, [indices]) => [call('scatter_add_rows', dy, indices, numRows)],
  })
}

/**
 * y[indices[n]] += x[n], in the order of n; rows that nothing names are 0. x `[N, ...]`, indices i32 [N] → `[numRows, ...]`.
 * Backward keeps indices, and is {@link gatherRows}.
 *
 * @throws {@link ArgumentError} unless there is an index for each row of x; an index outside [0, numRows) fails the op when it runs
 */
export function scatterAddRows(x: Tensor, indices: Tensor, numRows: number): Tensor {
  requireTensors('scatter_add_rows', { x, indices })
  requireNumbers('scatter_add_rows', { numRows })
  return record(call('scatter_add_rows', x.native, indices.native, numRows), {
    name: 'scatter_add_rows',
    inputs: [x],
    saved: [indices],
    backward: (dy, [indices]) => [call('gather_rows', dy, indices)],
  })
}
