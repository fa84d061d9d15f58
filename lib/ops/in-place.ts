// Ops that write into a tensor that exists. Nothing here has a gradient; backward through what was overwritten is an error.
import { ArgumentError } from '../errors.js'
import { type NativeTensor, run } from '../native.js'
import type { Tensor } from '../tensor.js'

/** Sets every element. */
export function fill(x: Tensor, value: number): void {
  run('fill', checkTarget('fill', x), value)
}

/** target = source, of one shape and dtype. */
export function copy(target: Tensor, source: Tensor): void {
  run('copy', checkTarget('copy', target), source.native)
}

/** target += source, of one shape. */
export function accumulate(target: Tensor, source: Tensor): void {
  run('accumulate', checkTarget('accumulate', target), source.native)
}

/** x[to[i]] = x[from[i]], in the order of i. x [N, ...], from and to i32 [M]. */
export function copyRows(x: Tensor, { from, to }: { from: Tensor; to: Tensor }): void {
  run('copy_rows', checkTarget('copy_rows', x), from.native, to.native)
}

function checkTarget(op: string, tensor: Tensor): NativeTensor {
  if (!tensor.isLeaf)
    throw new ArgumentError(`[${op}] expected a target without a history, got the result of a recorded op`)
  return tensor.target
}
