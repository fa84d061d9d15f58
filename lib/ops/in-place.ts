// Ops that write into a tensor that exists. Nothing here has a gradient; backward through what was overwritten is an error.

import { checkOptions, type OptionKeys, requireNumbers } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { type NativeTensor, run } from '../native.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/**
 * Sets every element of x `[...]`, of any dtype. bf16 rounds to nearest even.
 *
 * @throws {@link ArgumentError} for a target with a history, or a value that i32 or u8 does not hold
 */
export function fill(x: Tensor, value: number): void {
  const target = checkTarget('fill', { x })
  requireNumbers('fill', { value })
  run('fill', target, value)
}

/**
 * target = source, of one shape, dtype and device.
 *
 * @throws {@link ArgumentError} for a target with a history, or elements that overlap
 */
export function copy(target: Tensor, source: Tensor): void {
  requireTensors('copy', { source })
  run('copy', checkTarget('copy', { target }), source.native)
}

/**
 * target += source, f32 of one shape.
 *
 * @throws {@link ArgumentError} for a target with a history, or elements that overlap without being the same
 */
export function accumulate(target: Tensor, source: Tensor): void {
  requireTensors('accumulate', { source })
  run('accumulate', checkTarget('accumulate', { target }), source.native)
}

/**
 * x[to[i]] = x[from[i]], in the order of i. x f32 `[N, ...]`, from and to i32 [M].
 *
 * @throws {@link ArgumentError} for a target with a history or indices of other shapes; an index outside [0, N) fails the op when it
 * runs
 */
export function copyRows(x: Tensor, rows: { from: Tensor; to: Tensor }): void {
  checkOptions('copy_rows', rows, rowKeys, 'rows')
  const { from, to } = rows
  requireTensors('copy_rows', { from, to })
  run('copy_rows', checkTarget('copy_rows', { x }), from.native, to.native)
}

const rowKeys: OptionKeys<{ from: Tensor; to: Tensor }> = { from: true, to: true }

function checkTarget(op: string, named: Readonly<Record<string, Tensor>>): NativeTensor {
  requireTensors(op, named)
  const [tensor] = Object.values(named) as [Tensor]
  if (!tensor.isLeaf)
    throw new ArgumentError(`[${op}] expected a target without a history, got the result of a recorded op`)
  return tensor.target
}
