// Functions of one tensor, element by element. NaN gives NaN.
import { call, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { consume } from './native-chain.js'

/** dx from dy, x and y. */
type UnaryGradient = (dy: NativeTensor, x: NativeTensor, y: NativeTensor) => NativeTensor

/** −x */
export const neg = (x: Tensor): Tensor => unary('neg', x, (dy) => call('neg', dy))

/** eˣ */
export const exp = (x: Tensor): Tensor => unary('exp', x, (dy, _x, y) => call('mul', dy, y))

/** Natural logarithm. */
export const log = (x: Tensor): Tensor => unary('log', x, (dy, x) => call('div', dy, x))

/** √x */
export const sqrt = (x: Tensor): Tensor =>
  unary('sqrt', x, (dy, _x, y) => consume('mul_scalar', call('div', dy, y), 0.5))

/** |x|; no gradient at 0. */
export const abs = (x: Tensor): Tensor => unary('abs', x, (dy, x) => consume('mul', call('sign', x), dy))

/** −1, 0 or 1; no gradient. */
export const sign = (x: Tensor): Tensor => unary('sign', x, (dy) => call('mul_scalar', dy, 0))

/** x² */
export const square = (x: Tensor): Tensor => unary('square', x, (dy, x) => consume('mul_scalar', call('mul', dy, x), 2))

/** 1 / (1 + e⁻ˣ) */
export const sigmoid = (x: Tensor): Tensor =>
  unary('sigmoid', x, (dy, _x, y) => {
    const slope = consume('mul', oneMinus(y), y)
    return consume('mul', slope, dy)
  })

export const tanh = (x: Tensor): Tensor =>
  unary('tanh', x, (dy, _x, y) => {
    const slope = consume('add_scalar', consume('neg', call('square', y)), 1)
    return consume('mul', slope, dy)
  })

/** max(x, 0); no gradient at 0. */
export const relu = (x: Tensor): Tensor => unary('relu', x, (dy, _x, y) => consume('mul', call('sign', y), dy))

/** min(max(x, low), high); the gradient passes where x is within, the limits included. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  const y = call('clamp', x.native, low, high)
  return record(y, {
    name: 'clamp',
    inputs: [x],
    saved: [x, y],
    backward: (dy, [x, y]) => [consume('mul', call('equal', x, y), dy)],
  })
}

function unary(name: string, x: Tensor, gradient: UnaryGradient): Tensor {
  const y = call(name, x.native)
  return record(y, {
    name,
    inputs: [x],
    saved: [x, y],
    backward: (dy, [x, y]) => [gradient(dy, x, y)],
  })
}

const oneMinus = (y: NativeTensor): NativeTensor => consume('add_scalar', call('neg', y), 1)
