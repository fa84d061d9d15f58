// Functions of one tensor, element by element. NaN gives NaN.

import { requireNumbers } from '../arguments.js'
import { call, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'
import { consume } from './native-chain.js'

/**
 * dx from dy, x and y. */
type UnaryGradient = (dy: NativeTensor, x: NativeTensor, y: NativeTensor) => NativeTensor

/** −x, element by element. x `[...]` f32 → as x. Keeps x and the result, as all of this family do; ∂x = −dy.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const neg = (x: Tensor): Tensor => unary('neg', x, (dy) => call('neg', dy))

/**
 * eˣ, element by element. x `[...]` f32 → as x. ∂x = dy·y.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const exp = (x: Tensor): Tensor => unary('exp', x, (dy, _x, y) => call('mul', dy, y))

/**
 * Natural logarithm, element by element; NaN below 0. x `[...]` f32 → as x. ∂x = dy/x.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const log = (x: Tensor): Tensor => unary('log', x, (dy, x) => call('div', dy, x))

/**
 * √x, element by element; NaN below 0. x `[...]` f32 → as x. ∂x = dy/(2y).
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const sqrt = (x: Tensor): Tensor =>
  unary('sqrt', x, (dy, _x, y) => consume('mul_scalar', call('div', dy, y), 0.5))

/**
 * |x|, element by element. x `[...]` f32 → as x. ∂x = dy·sign(x): 0 at 0.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const abs = (x: Tensor): Tensor => unary('abs', x, (dy, x) => consume('mul', call('sign', x), dy))

/**
 * −1, 0 or 1, element by element. x `[...]` f32 → as x. ∂x = 0.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const sign = (x: Tensor): Tensor => unary('sign', x, (dy) => call('mul_scalar', dy, 0))

/**
 * x², element by element. x `[...]` f32 → as x. ∂x = 2x·dy.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const square = (x: Tensor): Tensor => unary('square', x, (dy, x) => consume('mul_scalar', call('mul', dy, x), 2))

/**
 * 1 / (1 + e⁻ˣ), element by element. x `[...]` f32 → as x. ∂x = dy·y·(1 − y).
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const sigmoid = (x: Tensor): Tensor =>
  unary('sigmoid', x, (dy, _x, y) => {
    const slope = consume('mul', oneMinus(y), y)
    return consume('mul', slope, dy)
  })

/**
 * Hyperbolic tangent, element by element. x `[...]` f32 → as x. ∂x = dy·(1 − y²).
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const tanh = (x: Tensor): Tensor =>
  unary('tanh', x, (dy, _x, y) => {
    const slope = consume('add_scalar', consume('neg', call('square', y)), 1)
    return consume('mul', slope, dy)
  })

/**
 * max(x, 0), element by element. x `[...]` f32 → as x. ∂x = dy where x > 0, else 0.
 *
 * @throws {@link ArgumentError} for an x that is not f32
 */
export const relu = (x: Tensor): Tensor => unary('relu', x, (dy, _x, y) => consume('mul', call('sign', y), dy))

/**
 * min(max(x, low), high), element by element. x `[...]` f32 → as x. ∂x = dy where x is within, the limits included, else 0.
 *
 * @throws {@link ArgumentError} for an x that is not f32, or where low is above high
 */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  requireTensors('clamp', { x })
  requireNumbers('clamp', { low, high })
  const y = call('clamp', x.native, low, high)
  return record(y, {
    name: 'clamp',
    inputs: [x],
    saved: [x, y],
    backward: (dy, [x, y]) => [consume('mul', call('equal', x, y), dy)],
  })
}

function unary(name: string, x: Tensor, gradient: UnaryGradient): Tensor {
  requireTensors(name, { x })
  const y = call(name, x.native)
  return record(y, {
    name,
    inputs: [x],
    saved: [x, y],
    backward: (dy, [x, y]) => [gradient(dy, x, y)],
  })
}

const oneMinus = (y: NativeTensor): NativeTensor => consume('add_scalar', call('neg', y), 1)
