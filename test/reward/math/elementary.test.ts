// The 256-bit functions against digits from the literature, and against each other at many points.
import { expect, test } from 'vitest'
import {
  addFloats,
  type BigFloat,
  floatOne,
  floorFloat,
  fromInteger,
  fromNumber,
  fromRational,
  integerRoot,
  magnitude,
  multiplyFloats,
  squareRootFloat,
  subtractFloats,
  toNumber,
} from '../../../lib/reward/math/real/big-float.js'
import { angleOf, exponential, logarithm, pi, sineCosine } from '../../../lib/reward/math/real/elementary.js'

/** The number times 10^60, rounded down. */
function digits(value: BigFloat): bigint {
  return floorFloat(multiplyFloats(value, fromInteger(10n ** 60n)))
}

test('π, e, log 2 and sin 1 have the digits that are known', () => {
  expect(digits(pi)).toBe(3141592653589793238462643383279502884197169399375105820974944n)
  expect(digits(exponential(floatOne))).toBe(2718281828459045235360287471352662497757247093699959574966967n)
  expect(digits(logarithm(fromInteger(2n)))).toBe(693147180559945309417232121458176568075500134360255254120680n)
  expect(digits(sineCosine(floatOne)[0])).toBe(841470984807896506652502321630298999622563060798371065672751n)
})

const points = [0.001, 0.3, 0.5, 1.5, 2, 7.25, 100, 12345.678].flatMap((x) => [x, -x])

/** How many bits a and b share, about. */
function sharedBits(a: BigFloat, b: BigFloat): number {
  return Math.max(magnitude(a), magnitude(b)) - magnitude(subtractFloats(a, b))
}

test.each(points)('at %d sin² + cos² is 1, the double agrees, and the angle comes back', (x) => {
  const [sine, cosine] = sineCosine(fromNumber(x))
  expect(toNumber(sine)).toBeCloseTo(Math.sin(x), 11)
  const sum = addFloats(multiplyFloats(sine, sine), multiplyFloats(cosine, cosine))
  expect(sharedBits(sum, floatOne)).toBeGreaterThan(245)
  expect(toNumber(angleOf(cosine, sine))).toBeCloseTo(Math.atan2(Math.sin(x), Math.cos(x)), 11)
})

test.each(points)('the logarithm takes back the exponential of %d', (x) => {
  expect(sharedBits(logarithm(exponential(fromNumber(x))), fromNumber(x))).toBeGreaterThan(235)
})

test('roots squared are the number', () => {
  const third = fromRational({ top: 1n, bottom: 3n })
  const root = squareRootFloat(third)
  expect(sharedBits(multiplyFloats(root, root), third)).toBeGreaterThan(250)
  for (const n of [0n, 1n, 2n, 3n, 4n, 10n ** 40n - 1n, 10n ** 40n, 2n ** 511n + 12345n]) {
    const whole = integerRoot(n)
    expect(whole * whole <= n && (whole + 1n) * (whole + 1n) > n).toBe(true)
  }
})
