// Complex numbers of 256 bits, with the principal branches of their functions.
import type { Rational } from '../rational.js'
import {
  addFloats,
  type BigFloat,
  divideFloats,
  floatOne,
  floatZero,
  fromInteger,
  fromRational,
  magnitude,
  multiplyFloats,
  negateFloat,
  squareRootFloat,
  subtractFloats,
} from './big-float.js'
import { angleOf, exponential, logarithm, sineCosine } from './elementary.js'

export interface Complex {
  readonly re: BigFloat
  readonly im: BigFloat
}

/** Thrown where a function has no value at a point, as 1/x at 0; no fault of the answer. */
export class Undefined extends Error {}
export const undefinedHere = new Undefined('undefined at this point')

export const complexZero: Complex = { re: floatZero, im: floatZero }
export const complexOne: Complex = { re: floatOne, im: floatZero }
export const imaginaryUnit: Complex = { re: floatZero, im: floatOne }

export function realNumber(re: BigFloat): Complex {
  return { re, im: floatZero }
}

export function complexOf(value: Rational): Complex {
  return realNumber(fromRational(value))
}

export function whole(value: number): Complex {
  return realNumber(fromInteger(BigInt(value)))
}

export function isReal(z: Complex): boolean {
  return z.im.bits === 0n
}

export function isZero(z: Complex): boolean {
  return z.re.bits === 0n && z.im.bits === 0n
}

export function addComplex(a: Complex, b: Complex): Complex {
  return { re: addFloats(a.re, b.re), im: addFloats(a.im, b.im) }
}

export function negateComplex(a: Complex): Complex {
  return { re: negateFloat(a.re), im: negateFloat(a.im) }
}

export function subtractComplex(a: Complex, b: Complex): Complex {
  return addComplex(a, negateComplex(b))
}

export function multiplyComplex(a: Complex, b: Complex): Complex {
  if (isReal(a) && isReal(b)) return realNumber(multiplyFloats(a.re, b.re))
  return {
    re: subtractFloats(multiplyFloats(a.re, b.re), multiplyFloats(a.im, b.im)),
    im: addFloats(multiplyFloats(a.re, b.im), multiplyFloats(a.im, b.re)),
  }
}

/** @throws Undefined for a zero divisor. */
export function divideComplex(a: Complex, b: Complex): Complex {
  if (isZero(b)) throw undefinedHere
  if (isReal(b)) return { re: divideFloats(a.re, b.re), im: divideFloats(a.im, b.re) }
  const product = multiplyComplex(a, { re: b.re, im: negateFloat(b.im) })
  const square = squaredModulus(b)
  return { re: divideFloats(product.re, square), im: divideFloats(product.im, square) }
}

function squaredModulus(z: Complex): BigFloat {
  return addFloats(multiplyFloats(z.re, z.re), multiplyFloats(z.im, z.im))
}

export function modulus(z: Complex): BigFloat {
  if (isReal(z)) return z.re.bits < 0n ? negateFloat(z.re) : z.re
  return squareRootFloat(squaredModulus(z))
}

export function exponentialOf(z: Complex): Complex {
  const size = exponential(z.re)
  if (isReal(z)) return realNumber(size)
  const [sine, cosine] = sineCosine(z.im)
  return { re: multiplyFloats(size, cosine), im: multiplyFloats(size, sine) }
}

export function logarithmOf(z: Complex): Complex {
  if (isZero(z)) throw undefinedHere
  return { re: logarithm(modulus(z)), im: angleOf(z.re, z.im) }
}

export function squareRootOf(z: Complex): Complex {
  if (isReal(z)) {
    if (z.re.bits >= 0n) return realNumber(squareRootFloat(z.re))
    return { re: floatZero, im: squareRootFloat(negateFloat(z.re)) }
  }
  return exponentialOf(multiplyComplex(logarithmOf(z), complexOf({ top: 1n, bottom: 2n })))
}

/** e^(w log z) */
export function powerOf(z: Complex, w: Complex): Complex {
  return exponentialOf(multiplyComplex(w, logarithmOf(z)))
}

/** For a whole exponent, by squaring. */
export function wholePower(z: Complex, exponent: bigint): Complex {
  if (exponent < 0n) return divideComplex(complexOne, wholePower(z, -exponent))
  let [result, square] = [complexOne, z]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiplyComplex(result, square)
    if (rest > 1n) square = multiplyComplex(square, square)
  }
  return result
}

export function sineCosineOf(z: Complex): [sine: Complex, cosine: Complex] {
  if (isReal(z)) {
    const [sine, cosine] = sineCosine(z.re)
    return [realNumber(sine), realNumber(cosine)]
  }
  // sin z = (e^{iz} − e^{−iz}) / 2i, cos z = (e^{iz} + e^{−iz}) / 2
  const up = exponentialOf(multiplyComplex(imaginaryUnit, z))
  const down = divideComplex(complexOne, up)
  const sine = divideComplex(subtractComplex(up, down), multiplyComplex(whole(2), imaginaryUnit))
  return [sine, divideComplex(addComplex(up, down), whole(2))]
}

/** The power of two just above the larger part. */
export function magnitudeOf(z: Complex): number {
  return Math.max(magnitude(z.re), magnitude(z.im))
}
