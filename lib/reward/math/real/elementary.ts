// exp, log, sin, cos and the arc tangent to about 250 bits, by series in fixed point.
import { Unreadable } from '../budget.js'
import {
  absoluteFloat,
  addFloats,
  type BigFloat,
  compareFloats,
  divideFloats,
  floatOne,
  floatZero,
  fromInteger,
  fromNumber,
  magnitude,
  multiplyFloats,
  negateFloat,
  normal,
  precision,
  roundFloat,
  subtractFloats,
  toNumber,
} from './big-float.js'

const guard = 40
const fixed = precision + guard
const unit = 1n << BigInt(fixed)
const shiftBy = BigInt(fixed)

/** Machin (1706): π/4 = 4 arctan 1/5 − arctan 1/239. */
const fixedPi = 4n * (4n * arcTangentOfInverse(5n) - arcTangentOfInverse(239n))
export const pi: BigFloat = normal(fixedPi, -fixed)
const halfPi: BigFloat = normal(fixedPi, -fixed - 1)
/** log 2 = 2 artanh 1/3 */
const logTwo: BigFloat = normal(2n * areaTangentOfInverse(3n), -fixed)

function arcTangentOfInverse(n: bigint): bigint {
  let [sum, power, sign] = [0n, unit / n, 1n]
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += (sign * power) / k
    power /= n * n
    sign = -sign
  }
  return sum
}

function areaTangentOfInverse(n: bigint): bigint {
  let [sum, power] = [0n, unit / n]
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k
    power /= n * n
  }
  return sum
}

function toFixed({ bits, exponent }: BigFloat): bigint {
  const shift = exponent + fixed
  if (shift >= 0) return bits << BigInt(shift)
  return bits >> BigInt(Math.min(-shift, 4 * fixed))
}

/** e^x = 2^k (e^(r/256))^256 with r = x − k log 2. */
export function exponential(x: BigFloat): BigFloat {
  if (magnitude(x) > 38) throw new Unreadable('a power in it is too large or too small')
  const k = roundFloat(divideFloats(x, logTwo))
  const r = toFixed(subtractFloats(x, multiplyFloats(fromInteger(k), logTwo))) >> 8n
  let [sum, term] = [unit, unit]
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = ((term * r) >> shiftBy) / n
    sum += term
  }
  for (let i = 0; i < 8; i++) sum = (sum * sum) >> shiftBy
  return normal(sum, Number(k) - fixed)
}

/** Of what is positive. Halley's step y + 2 (x − e^y) / (x + e^y) has thrice the digits each time. */
export function logarithm(x: BigFloat): BigFloat {
  const k = x.exponent + precision
  const scaled: BigFloat = { bits: x.bits, exponent: -precision }
  let y = fromNumber(Math.log(toNumber(scaled)))
  for (let step = 0; step < 2; step++) {
    const power = exponential(y)
    const change = divideFloats(subtractFloats(scaled, power), addFloats(scaled, power))
    y = addFloats(y, { bits: change.bits, exponent: change.exponent + 1 })
  }
  return addFloats(y, multiplyFloats(fromInteger(BigInt(k)), logTwo))
}

/** sin and cos of x = k π/2 + r from the series at r/16 and four doublings of the angle. */
export function sineCosine(x: BigFloat): [sine: BigFloat, cosine: BigFloat] {
  if (magnitude(x) > 60) throw new Unreadable('an angle in it is too large')
  const k = roundFloat(divideFloats(x, halfPi))
  const r = toFixed(subtractFloats(x, multiplyFloats(fromInteger(k), halfPi)))
  const small = r >> 4n
  const square = (small * small) >> shiftBy
  let [sine, term] = [small, small]
  for (let n = 2n; term !== 0n && term !== -1n; n += 2n) {
    term = -((term * square) >> shiftBy) / (n * (n + 1n))
    sine += term
  }
  // versine = 1 − cos keeps the digits of a small angle: with v = 1 − cos a, 1 − cos 2a = 2 v (2 − v).
  let versine = 0n
  term = unit
  for (let n = 1n; term !== 0n && term !== -1n; n += 2n) {
    term = -((term * square) >> shiftBy) / (n * (n + 1n))
    versine -= term
  }
  for (let i = 0; i < 4; i++) {
    sine = (2n * sine * (unit - versine)) >> shiftBy
    versine = (2n * versine * (2n * unit - versine)) >> shiftBy
  }
  return turn(normal(sine, -fixed), normal(unit - versine, -fixed), Number(((k % 4n) + 4n) % 4n))
}

function turn(sine: BigFloat, cosine: BigFloat, quarter: number): [BigFloat, BigFloat] {
  if (quarter === 0) return [sine, cosine]
  if (quarter === 1) return [cosine, negateFloat(sine)]
  if (quarter === 2) return [negateFloat(sine), negateFloat(cosine)]
  return [negateFloat(cosine), sine]
}

/** The angle of the point (x, y), in (−π, π]. From the double's angle a: a + arctan of what is left, a very small number. */
export function angleOf(x: BigFloat, y: BigFloat): BigFloat {
  if (y.bits === 0n) return x.bits < 0n ? pi : floatZero
  if (x.bits === 0n) return y.bits < 0n ? negateFloat(halfPi) : halfPi
  const larger = Math.max(magnitude(x), magnitude(y))
  const [a, b] = [scaleDown(x, larger), scaleDown(y, larger)]
  const start = fromNumber(Math.atan2(toNumber(b), toNumber(a)))
  const [sine, cosine] = sineCosine(start)
  const across = subtractFloats(multiplyFloats(b, cosine), multiplyFloats(a, sine))
  const along = addFloats(multiplyFloats(a, cosine), multiplyFloats(b, sine))
  return addFloats(start, smallArcTangent(divideFloats(across, along)))
}

function scaleDown({ bits, exponent }: BigFloat, by: number): BigFloat {
  return { bits, exponent: exponent - by }
}

/** t − t³/3 + t⁵/5 − …: the argument is below 2^-40. */
function smallArcTangent(t: BigFloat): BigFloat {
  const square = multiplyFloats(t, t)
  let [sum, power] = [t, t]
  for (const n of [3n, 5n, 7n]) {
    power = negateFloat(multiplyFloats(power, square))
    sum = addFloats(sum, divideFloats(power, fromInteger(n)))
  }
  return sum
}

export function isAtMostOne(x: BigFloat): boolean {
  return compareFloats(absoluteFloat(x), floatOne) <= 0
}
