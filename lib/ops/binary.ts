// Functions of two tensors, element by element. b has a's shape, or broadcasts to it: a number, a scalar tensor, trailing
// dimensions (a bias) or [rows, 1] (a value for each row).

import { requireEach } from '../arguments.js'
import { full } from '../create.js'
import { call, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'
import { hasShape } from '../tensor-data.js'
import { consume, sumTo, zerosLike } from './native-chain.js'

/**
 * The second operand: a number, or an f32 tensor of the first one's shape or one that broadcasts to it. Its extents are those
 * of the first operand in one run of dimensions and 1, or absent, elsewhere: a scalar [], trailing dimensions (a bias), or
 * [rows, 1] (a value for each row).
 */
export type Operand = Tensor | number

interface BinaryGradient {
  a(dy: NativeTensor, a: NativeTensor, b: NativeTensor, y: NativeTensor): NativeTensor
  /** As a's shape; summed to b's afterwards. */
  b(dy: NativeTensor, a: NativeTensor, b: NativeTensor, y: NativeTensor): NativeTensor
}

/**
 * a + b, of a's shape `[...]`. ∂a = dy, ∂b = dy summed to b's shape; keeps nothing for backward.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export function add(a: Tensor, b: Operand): Tensor {
  requireOperands('add', a, b)
  if (typeof b === 'number') return withNumber('add_scalar', a, b)
  const { shape } = b
  return record(call('add', a.native, b.native), {
    name: 'add',
    inputs: [a, b],
    saved: [],
    backward: (dy, _saved, [needsA, needsB]) => [needsA ? dy : null, needsB ? sumOf(dy, shape) : null],
  })
}

/**
 * a − b, of a's shape `[...]`. ∂a = dy, ∂b = −dy summed to b's shape; keeps nothing for backward.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export function sub(a: Tensor, b: Operand): Tensor {
  requireOperands('sub', a, b)
  if (typeof b === 'number') return withNumber('add_scalar', a, -b)
  const { shape } = b
  return record(call('sub', a.native, b.native), {
    name: 'sub',
    inputs: [a, b],
    saved: [],
    backward: (dy, _saved, [needsA, needsB]) => [needsA ? dy : null, needsB ? sumTo(call('neg', dy), shape) : null],
  })
}

/**
 * a · b, element by element, of a's shape `[...]`. ∂a = dy·b, ∂b = dy·a summed to b's shape; keeps both, and neither where b is
 * a number.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export function mul(a: Tensor, b: Operand): Tensor {
  requireOperands('mul', a, b)
  if (typeof b === 'number') return withNumber('mul_scalar', a, b)
  return binary('mul', a, b, {
    a: (dy, _a, b) => call('mul', dy, b),
    b: (dy, a) => call('mul', dy, a),
  })
}

/**
 * a / b, element by element, of a's shape `[...]`, as IEEE 754 divides: by 0 gives ±∞ or NaN. ∂a = dy/b, ∂b = −dy·y/b summed to
 * b's shape; keeps a, b and y.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export function div(a: Tensor, b: Operand): Tensor {
  return binary('div', a, b, {
    a: (dy, _a, b) => call('div', dy, b),
    b: (dy, _a, b, y) => consume('neg', consume('div', call('mul', dy, y), b)),
  })
}

/**
 * The larger of the two, NaN where either is; of a's shape `[...]`. The gradient goes to the operand that was taken, to a where
 * they are equal, to neither at a NaN.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export function maximum(a: Tensor, b: Operand): Tensor {
  return binary('maximum', a, b, {
    a: (dy, a, b) => masked(dy, call('greater_equal', a, b)),
    b: (dy, a, b) => masked(dy, call('less', a, b)),
  })
}

/**
 * The smaller of the two, NaN where either is; of a's shape `[...]`. The gradient goes to the operand that was taken, to a
 * where they are equal, to neither at a NaN.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export function minimum(a: Tensor, b: Operand): Tensor {
  return binary('minimum', a, b, {
    a: (dy, a, b) => masked(dy, call('less_equal', a, b)),
    b: (dy, a, b) => masked(dy, call('greater', a, b)),
  })
}

/**
 * f32 of a's shape: 1 where a > b, else 0, also where either is NaN. No gradient.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export const greater = (a: Tensor, b: Operand): Tensor => compare('greater', a, b)
/**
 * f32 of a's shape: 1 where a ≥ b, else 0, also where either is NaN. No gradient.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export const greaterEqual = (a: Tensor, b: Operand): Tensor => compare('greater_equal', a, b)
/**
 * f32 of a's shape: 1 where a < b, else 0, also where either is NaN. No gradient.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export const less = (a: Tensor, b: Operand): Tensor => compare('less', a, b)
/**
 * f32 of a's shape: 1 where a ≤ b, else 0, also where either is NaN. No gradient.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export const lessEqual = (a: Tensor, b: Operand): Tensor => compare('less_equal', a, b)
/**
 * f32 of a's shape: 1 where a = b, else 0, also where either is NaN; −0 equals 0. No gradient.
 *
 * @throws {@link ArgumentError} for operands that are not f32, or where b does not broadcast to a
 */
export const equal = (a: Tensor, b: Operand): Tensor => compare('equal', a, b)

/**
 * a where condition is not 0, else b; all f32 of one shape `[...]`. The other value is not looked at: its NaN stays out of the
 * result and of the gradient, which goes to the operand that was taken. Keeps condition, which has none.
 *
 * @throws {@link ArgumentError} for tensors of different shapes: nothing is broadcast here
 */
export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  requireTensors('where', { condition, a, b })
  return record(call('where', condition.native, a.native, b.native), {
    name: 'where',
    inputs: [a, b],
    saved: [condition],
    backward: (dy, [condition], [needsA, needsB]) => {
      const zero = zerosLike(condition)
      const gradients = [
        needsA ? call('where', condition, dy, zero) : null,
        needsB ? call('where', condition, zero, dy) : null,
      ]
      zero.dispose()
      return gradients
    },
  })
}

function requireOperands(op: string, a: unknown, b: unknown): void {
  requireTensors(op, { a })
  requireEach(op, 'a tensor or a number', { b }, (value) => typeof value === 'number' || value instanceof Tensor)
}

function binary(name: string, a: Tensor, operand: Operand, gradient: BinaryGradient): Tensor {
  requireOperands(name, a, operand)
  return withTensor(a, operand, (b) => {
    const { shape } = b
    const y = call(name, a.native, b.native)
    return record(y, {
      name,
      inputs: [a, b],
      saved: [a, b, y],
      backward: (dy, [a, b, y], [needsA, needsB]) => [
        needsA ? gradient.a(dy, a, b, y) : null,
        needsB ? sumTo(gradient.b(dy, a, b, y), shape) : null,
      ],
    })
  })
}

function withNumber(name: 'add_scalar' | 'mul_scalar', a: Tensor, value: number): Tensor {
  return record(call(name, a.native, value), {
    name,
    inputs: [a],
    saved: [],
    backward: (dy) => [name === 'add_scalar' ? dy : call('mul_scalar', dy, value)],
  })
}

function compare(name: string, a: Tensor, operand: Operand): Tensor {
  requireOperands(name, a, operand)
  return withTensor(a, operand, (b) => Tensor.wrap(call(name, a.native, b.native)))
}

// A number as a scalar tensor that lives for the call; the tape keeps what it needs of it.
function withTensor(a: Tensor, operand: Operand, fn: (b: Tensor) => Tensor): Tensor {
  if (operand instanceof Tensor) return fn(operand)
  using scalar = full([], operand, { device: a.device })
  return fn(scalar)
}

// dy is the caller's: the same handle goes on, or a new one.
const sumOf = (dy: NativeTensor, shape: readonly number[]): NativeTensor =>
  hasShape(dy.shape, shape) ? dy : call('sum_to', dy, shape)

/** dy where the mask is 1, else 0; the mask ends here. */
const masked = (dy: NativeTensor, mask: NativeTensor): NativeTensor => consume('mul', mask, dy)
