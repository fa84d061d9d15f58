// Are two expressions the same number or the same function?

import { isSameForm, rationalOfForm } from '../exact/form.js'
import { NotExact } from '../exact/polynomial.js'
import { exactForm } from '../exact/to-form.js'
import { isTerminating, type Rational, ratio } from '../rational.js'
import { absoluteFloat, compareFloats, fromRational, subtractFloats } from '../real/big-float.js'
import { type Complex, divideComplex, isReal, isZero, magnitudeOf, subtractComplex } from '../real/complex.js'
import { lettersOf, type Node } from '../tree.js'
import type { Context } from './context.js'
import { agreeAtPoints, type Sample } from './points.js'

/** Exactly where exact arithmetic applies, else by 256-bit values at fixed points; a rounded gold to its digits. */
export function isSameScalar(answer: Node, gold: Node, context: Context): boolean {
  return (
    isSameValue(answer, gold, context) || isRoundedTo(answer, gold, context) || areRoundedAlike(answer, gold, context)
  )
}

export function isSameValue(a: Node, b: Node, context: Context): boolean {
  const { budget } = context
  const x = exactForm(a, budget)
  const y = x && exactForm(b, budget)
  if (x !== undefined && y !== undefined) {
    try {
      return isSameForm(x, y, budget)
    } catch (error) {
      if (!(error instanceof NotExact)) throw error
    }
  }
  return agreeAtPoints([a, b], context, isSameSample)
}

/** Equal to 215 of 256 bits, or what is left is what rounding leaves of numbers that cancelled. */
export function isSameSample({ values: [a, b], largest }: Sample): boolean {
  return a !== undefined && b !== undefined && isClose(a, b, largest)
}

function isClose(a: Complex, b: Complex, largest: number): boolean {
  const difference = magnitudeOf(subtractComplex(a, b))
  const size = Math.max(magnitudeOf(a), magnitudeOf(b))
  return difference <= size - 215 || (largest < 64 && difference <= largest - 225)
}

/** Do the two differ by a constant, which may be 0? */
export function isSameUpToConstant(a: Node, b: Node, context: Context): boolean {
  let first: Complex | undefined
  return agreeAtPoints([a, b], context, ({ values: [x, y], largest }) => {
    if (x === undefined || y === undefined) return false
    const difference = subtractComplex(x, y)
    first ??= difference
    return isClose(first, difference, largest) || magnitudeOf(subtractComplex(first, difference)) < largest - 200
  })
}

/** Is one the other times a constant other than 0, positive where that is asked for? */
export function isSameUpToFactor(a: Node, b: Node, isPositive: boolean, context: Context): boolean {
  let first: Complex | undefined
  return agreeAtPoints([a, b], context, ({ values: [x, y], largest }) => {
    if (x === undefined || y === undefined) return false
    if (isZero(x) || isZero(y)) return isZero(x) && isZero(y)
    const factor = divideComplex(x, y)
    if (isPositive && (!isReal(factor) || factor.re.bits < 0n)) return false
    first ??= factor
    return isClose(first, factor, largest)
  })
}

/**
 * Is the gold a decimal that the answer, which is no decimal itself, rounds to? A gold of one significant digit is not taken for a
 * rounded number.
 */
function isRoundedTo(answer: Node, gold: Node, context: Context): boolean {
  const rounded = decimalOf(gold)
  if (rounded === undefined || lettersOf(answer).size > 0) return false
  const form = exactForm(answer, context.budget)
  const exact = form && rationalOfForm(form)
  if (exact !== undefined && isTerminating(exact)) return false
  const { value, numDecimals } = rounded
  const tolerance = fromRational(ratio(1n, 2n * 10n ** BigInt(numDecimals)))
  return agreeAtPoints([answer], context, ({ values: [x] }) => {
    if (x === undefined || !isReal(x)) return false
    return compareFloats(absoluteFloat(subtractFloats(x.re, fromRational(value))), tolerance) <= 0
  })
}

/** Where a number of decimals is allowed for: is the answer a decimal that differs from the gold by less than half of its last? */
function areRoundedAlike(answer: Node, gold: Node, context: Context): boolean {
  if (context.numDecimals === undefined || decimalOf(answer) === undefined || lettersOf(gold).size > 0) return false
  const tolerance = fromRational(ratio(1n, 2n * 10n ** BigInt(context.numDecimals)))
  return agreeAtPoints([answer, gold], context, ({ values: [x, y] }) => {
    if (x === undefined || y === undefined || !isReal(x) || !isReal(y)) return false
    return compareFloats(absoluteFloat(subtractFloats(x.re, y.re)), tolerance) <= 0
  })
}

function decimalOf(node: Node): { value: Rational; numDecimals: number } | undefined {
  if (node.kind === 'negative') {
    const inner = decimalOf(node.of)
    return inner && { ...inner, value: { ...inner.value, top: -inner.value.top } }
  }
  if (node.kind !== 'number' || node.numDecimals === undefined || node.numDecimals === 0) return undefined
  const digits = (node.value.top * 10n ** BigInt(node.numDecimals)) / node.value.bottom
  return digits < 10n ? undefined : { value: node.value, numDecimals: node.numDecimals }
}
