// Floating point with 256 bits: enough that two expressions that agree to 50 digits are one number.
import { Unreadable } from '../budget.js'
import { bitLength, type Rational } from '../rational.js'

/** bits × 2^exponent; `bits` has 256 bits, or is zero. */
export interface BigFloat {
  readonly bits: bigint
  readonly exponent: number
}

export const precision = 256
const maxExponent = 2 ** 40

export const floatZero: BigFloat = { bits: 0n, exponent: 0 }
export const floatOne: BigFloat = fromInteger(1n)

/** bits × 2^exponent, rounded down to the precision. */
export function normal(bits: bigint, exponent: number): BigFloat {
  if (bits === 0n) return floatZero
  const shift = bitLength(bits) - precision
  const result = { bits: shift > 0 ? bits >> BigInt(shift) : bits << BigInt(-shift), exponent: exponent + shift }
  if (result.exponent > maxExponent || result.exponent < -maxExponent) {
    throw new Unreadable('a number in it is too large or too small')
  }
  return result
}

export function fromInteger(value: bigint): BigFloat {
  return normal(value, 0)
}

export function fromRational({ top, bottom }: Rational): BigFloat {
  if (bottom === 1n) return fromInteger(top)
  const shift = Math.max(0, precision + 2 + bitLength(bottom) - bitLength(top))
  return normal((top << BigInt(shift)) / bottom, -shift)
}

export function addFloats(a: BigFloat, b: BigFloat): BigFloat {
  if (a.bits === 0n) return b
  if (b.bits === 0n) return a
  const [high, low] = a.exponent >= b.exponent ? [a, b] : [b, a]
  const shift = high.exponent - low.exponent
  if (shift > precision + 2) return high
  return normal((high.bits << BigInt(shift)) + low.bits, low.exponent)
}

export function negateFloat(a: BigFloat): BigFloat {
  return { bits: -a.bits, exponent: a.exponent }
}

export function subtractFloats(a: BigFloat, b: BigFloat): BigFloat {
  return addFloats(a, negateFloat(b))
}

export function multiplyFloats(a: BigFloat, b: BigFloat): BigFloat {
  return normal(a.bits * b.bits, a.exponent + b.exponent)
}

/** The divisor is not zero. */
export function divideFloats(a: BigFloat, b: BigFloat): BigFloat {
  return normal((a.bits << BigInt(precision + 2)) / b.bits, a.exponent - b.exponent - precision - 2)
}

/** Of what is not negative. */
export function squareRootFloat(a: BigFloat): BigFloat {
  if (a.bits === 0n) return floatZero
  const shift = precision + ((a.exponent + precision) & 1)
  const wide = a.bits << BigInt(shift)
  return normal(integerRoot(wide), (a.exponent - shift) / 2)
}

/** floor(√value), by Newton's steps from the double's root. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value
  const shift = Math.max(0, (bitLength(value) - 104) & ~1)
  let root = (BigInt(Math.floor(Math.sqrt(Number(value >> BigInt(shift))))) + 2n) << BigInt(shift / 2)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** Negative, 0 or positive, as a is below, at or above b. */
export function compareFloats(a: BigFloat, b: BigFloat): number {
  const { bits } = subtractFloats(a, b)
  return bits < 0n ? -1 : bits > 0n ? 1 : 0
}

export function absoluteFloat(a: BigFloat): BigFloat {
  return a.bits < 0n ? negateFloat(a) : a
}

/** The power of two just above the size; −Infinity for zero. */
export function magnitude(a: BigFloat): number {
  return a.bits === 0n ? Number.NEGATIVE_INFINITY : a.exponent + precision
}

/** To the nearest double; infinite beyond its range. */
export function toNumber(a: BigFloat): number {
  return Number(a.bits >> BigInt(precision - 64)) * 2 ** Math.min(2000, Math.max(-2000, a.exponent + precision - 64))
}

export function fromNumber(value: number): BigFloat {
  if (value === 0 || !Number.isFinite(value)) return floatZero
  let [scaled, exponent] = [value, 0]
  while (!Number.isInteger(scaled)) [scaled, exponent] = [scaled * 2, exponent - 1]
  return normal(BigInt(scaled), exponent)
}

/** The nearest whole number. */
export function roundFloat(a: BigFloat): bigint {
  return floorFloat(addFloats(a, { bits: floatOne.bits, exponent: floatOne.exponent - 1 }))
}

export function floorFloat(a: BigFloat): bigint {
  if (a.exponent >= 0) {
    if (a.exponent > 10_000) throw new Unreadable('a number in it is too large')
    return a.bits << BigInt(a.exponent)
  }
  return a.bits >> BigInt(Math.min(-a.exponent, 4 * precision))
}
