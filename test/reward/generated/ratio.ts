/** An exact fraction in lowest terms with a positive denominator. Made for the pairs; shares nothing with the grader. */
export interface Ratio {
  top: bigint
  bottom: bigint
}

export function ratio(top: bigint | number, bottom: bigint | number = 1): Ratio {
  const [a, b] = [BigInt(top), BigInt(bottom)]
  if (b === 0n) throw new Error('[ratio] expected a denominator other than 0, got 0')
  const divisor = greatestDivisor(a, b) * (b < 0n ? -1n : 1n)
  return { top: a / divisor, bottom: b / divisor }
}

export const plus = (a: Ratio, b: Ratio): Ratio => ratio(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom)
export const minus = (a: Ratio, b: Ratio): Ratio => ratio(a.top * b.bottom - b.top * a.bottom, a.bottom * b.bottom)
export const times = (a: Ratio, b: Ratio): Ratio => ratio(a.top * b.top, a.bottom * b.bottom)
export const isEqual = (a: Ratio, b: Ratio): boolean => a.top === b.top && a.bottom === b.bottom

export function floorOf({ top, bottom }: Ratio): bigint {
  const quotient = top / bottom
  return top < 0n && quotient * bottom !== top ? quotient - 1n : quotient
}

/** A positive ratio rounded half up to so many places, and whether nothing was lost. */
export function toPlaces({ top, bottom }: Ratio, places: number): { text: string; isExact: boolean } {
  const scale = 10n ** BigInt(places)
  const units = (2n * top * scale + bottom) / (2n * bottom)
  return { text: fixedPoint(units, places), isExact: units * bottom === top * scale }
}

/** units·10^−places, every digit written. */
export function fixedPoint(units: bigint, places: number): string {
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0')
  const sign = units < 0n ? '-' : ''
  return sign + (places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`)
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x === 0n ? 1n : x
}
