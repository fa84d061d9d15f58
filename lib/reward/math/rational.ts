// Exact fractions of big integers, in lowest terms with a positive denominator: equal numbers have equal parts.

export interface Rational {
  readonly top: bigint
  readonly bottom: bigint
}

export const zero: Rational = { top: 0n, bottom: 1n }
export const one: Rational = { top: 1n, bottom: 1n }
export const half: Rational = { top: 1n, bottom: 2n }

export function integer(value: bigint | number): Rational {
  return { top: BigInt(value), bottom: 1n }
}

/** The denominator is not zero. */
export function ratio(top: bigint, bottom: bigint): Rational {
  if (bottom === 1n) return { top, bottom }
  const divisor = greatestCommonDivisor(top, bottom) * (bottom < 0n ? -1n : 1n)
  return divisor === 1n ? { top, bottom } : { top: top / divisor, bottom: bottom / divisor }
}

export function plus(a: Rational, b: Rational): Rational {
  if (a.bottom === b.bottom) return ratio(a.top + b.top, a.bottom)
  return ratio(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom)
}

export function minus(a: Rational, b: Rational): Rational {
  return plus(a, negate(b))
}

export function times(a: Rational, b: Rational): Rational {
  return ratio(a.top * b.top, a.bottom * b.bottom)
}

/** The divisor is not zero. */
export function over(a: Rational, b: Rational): Rational {
  return ratio(a.top * b.bottom, a.bottom * b.top)
}

export function negate(a: Rational): Rational {
  return { top: -a.top, bottom: a.bottom }
}

/** For a small whole exponent; zero to a negative one is not asked for. */
export function raise(a: Rational, exponent: number): Rational {
  if (exponent < 0) return ratio(a.bottom ** BigInt(-exponent), a.top ** BigInt(-exponent))
  return { top: a.top ** BigInt(exponent), bottom: a.bottom ** BigInt(exponent) }
}

export function isEqualRational(a: Rational, b: Rational): boolean {
  return a.top === b.top && a.bottom === b.bottom
}

/** Negative, 0 or positive. */
export function compareRationals(a: Rational, b: Rational): number {
  const difference = a.top * b.bottom - b.top * a.bottom
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export function floorOf(a: Rational): bigint {
  const quotient = a.top / a.bottom
  return a.top < 0n && quotient * a.bottom !== a.top ? quotient - 1n : quotient
}

export function isWhole(a: Rational): boolean {
  return a.bottom === 1n
}

/** Has it finitely many decimals? */
export function isTerminating(a: Rational): boolean {
  let rest = a.bottom
  while (rest % 10n === 0n) rest /= 10n
  while (rest % 2n === 0n) rest /= 2n
  while (rest % 5n === 0n) rest /= 5n
  return rest === 1n
}

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a < 0n ? -a : a
}

/** Bits of both parts, about. */
export function sizeOf(a: Rational): number {
  return bitLength(a.top) + bitLength(a.bottom)
}

export function bitLength(a: bigint): number {
  if (a < 0n) a = -a
  if (a < 0x1_0000_0000n) return a === 0n ? 0 : 32 - Math.clz32(Number(a))
  const digits = a.toString(16)
  return digits.length * 4 - Math.clz32(Number.parseInt(digits.charAt(0), 16)) + 28
}

/** Digits with at most one point, as in 12, 0.5, .5 and 3. */
export function readDecimal(digits: string): Rational {
  const point = digits.indexOf('.')
  if (point === -1) return { top: BigInt(digits), bottom: 1n }
  const decimals = digits.slice(point + 1)
  return ratio(BigInt(`${digits.slice(0, point)}${decimals}` || '0'), 10n ** BigInt(decimals.length))
}

export function showRational(a: Rational): string {
  return a.bottom === 1n ? a.top.toString() : `${a.top}/${a.bottom}`
}
