// Functions of two tensors, element by element. b has a's shape, or broadcasts to it: a number, a scalar tensor, trailing
// dimensions (a bias) or [rows, 1] (a value for each row).
import { full } from '../create.js'
import { call, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import { Tensor } from '../tensor.js'
import { hasShape } from '../tensor-data.js'
import { consume, sumTo, zerosLike } from './native-chain.js'

export type Operand = Tensor | number

interface BinaryGradient {
  a(dy: NativeTensor, a: NativeTensor, b: NativeTensor, y: NativeTensor): NativeTensor
  /** As a's shape; summed to b's afterwards. */
  b(dy: NativeTensor, a: NativeTensor, b: NativeTensor, y: NativeTensor): NativeTensor
}

/** a + b */
export function add(a: Tensor, b: Operand): Tensor {
  if (typeof b === 'number') return withNumber('add_scalar', a, b)
  const { shape } = b
  return record(call('add', a.native, b.native), {
    name: 'add',
    inputs: [a, b],
    saved: [],
    backward: (dy, _saved, [needsA, needsB]) => [needsA ? dy : null, needsB ? sumOf(dy, shape) : null],
  })
}

/** a − b */
export function sub(a: Tensor, b: Operand): Tensor {
  if (typeof b === 'number') return withNumber('add_scalar', a, -b)
  const { shape } = b
  return record(call('sub', a.native, b.native), {
    name: 'sub',
    inputs: [a, b],
    saved: [],
    backward: (dy, _saved, [needsA, needsB]) => [needsA ? dy : null, needsB ? sumTo(call('neg', dy), shape) : null],
  })
}

/** a · b */
export function mul(a: Tensor, b: Operand): Tensor {
  if (typeof b === 'number') return withNumber('mul_scalar', a, b)
  return binary('mul', a, b, {
    a: (dy, _a, b) => call('mul', dy, b),
    b: (dy, a) => call('mul', dy, a),
  })
}

/** a / b */
export function div(a: Tensor, b: Operand): Tensor {
  return binary('div', a, b, {
    a: (dy, _a, b) => call('div', dy, b),
    b: (dy, _a, b, y) => consume('neg', consume('div', call('mul', dy, y), b)),
  })
}

/** The larger of the two, NaN where either is; where they are equal the gradient goes to a. */
export function maximum(a: Tensor, b: Operand): Tensor {
  return binary('maximum', a, b, {
    a: (dy, a, b) => masked(dy, call('greater_equal', a, b)),
    b: (dy, a, b) => masked(dy, call('less', a, b)),
  })
}

/** The smaller of the two, NaN where either is; where they are equal the gradient goes to a. */
export function minimum(a: Tensor, b: Operand): Tensor {
  return binary('minimum', a, b, {
    a: (dy, a, b) => masked(dy, call('less_equal', a, b)),
    b: (dy, a, b) => masked(dy, call('greater', a, b)),
  })
}

/** 1 where a > b, else 0; no gradient. So are the four below. */
export const greater = (a: Tensor, b: Operand): Tensor => compare('greater', a, b)
export const greaterEqual = (a: Tensor, b: Operand): Tensor => compare('greater_equal', a, b)
export const less = (a: Tensor, b: Operand): Tensor => compare('less', a, b)
export const lessEqual = (a: Tensor, b: Operand): Tensor => compare('less_equal', a, b)
export const equal = (a: Tensor, b: Operand): Tensor => compare('equal', a, b)

/** a where condition is not 0, else b; all of one shape. The other value is not looked at: its NaN stays out. */
export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
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

function binary(name: string, a: Tensor, operand: Operand, gradient: BinaryGradient): Tensor {
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

const compare = (name: string, a: Tensor, operand: Operand): Tensor =>
  withTensor(a, operand, (b) => Tensor.wrap(call(name, a.native, b.native)))

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
