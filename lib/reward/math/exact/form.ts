// Exact values: a quotient of polynomials. Equal as numbers or functions exactly when they are equal crosswise.
import { type Budget, Unreadable } from '../budget.js'
import { integer, isWhole, one, over, plus, type Rational, raise, sizeOf, times } from '../rational.js'
import {
  add,
  atom,
  constant,
  constantOf,
  isSamePolynomial,
  multiply,
  normalTerm,
  notExact,
  type Polynomial,
  type Powers,
  raisePolynomial,
  scale,
  spell,
  type Term,
} from './polynomial.js'
import { primeFactors } from './primes.js'

export interface Form {
  top: Polynomial
  /** Left out where it is 1. */
  bottom?: Polynomial
}

export function formOf(value: Rational): Form {
  return { top: constant(value) }
}

export function atomForm(name: string): Form {
  return { top: atom(name) }
}

export function rationalOfForm({ top, bottom }: Form): Rational | undefined {
  return bottom === undefined ? constantOf(top) : undefined
}

export function addForms(a: Form, b: Form, budget: Budget): Form {
  if (a.bottom === undefined && b.bottom === undefined) return { top: add(a.top, b.top, budget) }
  if (a.bottom !== undefined && b.bottom !== undefined && isSamePolynomial(a.bottom, b.bottom)) {
    return quotient(add(a.top, b.top, budget), a.bottom, budget)
  }
  const [p, q] = [a.bottom ?? constant(one), b.bottom ?? constant(one)]
  const top = add(multiply(a.top, q, budget), multiply(b.top, p, budget), budget)
  return quotient(top, multiply(p, q, budget), budget)
}

export function multiplyForms(a: Form, b: Form, budget: Budget): Form {
  const top = multiply(a.top, b.top, budget)
  if (a.bottom === undefined && b.bottom === undefined) return { top }
  return quotient(top, multiply(a.bottom ?? constant(one), b.bottom ?? constant(one), budget), budget)
}

export function negateForm(a: Form, budget: Budget): Form {
  return { ...a, top: scale(a.top, integer(-1), budget) }
}

/** @throws Unreadable when the form is zero. */
export function invert({ top, bottom }: Form, budget: Budget): Form {
  if (top.size === 0) throw new Unreadable('it divides by zero')
  return quotient(bottom ?? constant(one), top, budget)
}

export function isSameForm(a: Form, b: Form, budget: Budget): boolean {
  if (a.bottom === undefined && b.bottom === undefined) return isSamePolynomial(a.top, b.top)
  const one_ = constant(one)
  return isSamePolynomial(multiply(a.top, b.bottom ?? one_, budget), multiply(b.top, a.bottom ?? one_, budget))
}

/** A denominator of one term goes into the numerator: then sums of such forms stay polynomials. */
function quotient(top: Polynomial, bottom: Polynomial, budget: Budget): Form {
  const [only] = bottom.values()
  if (bottom.size !== 1 || only === undefined) return { top, bottom }
  const inverse = invertTerm(only)
  return { top: multiply(top, new Map([[spell(inverse.powers), inverse]]), budget) }
}

function invertTerm({ coefficient, powers }: Term): Term {
  const inverted = powers.map(([name, { top, bottom }]) => [name, { top: -top, bottom }] as const)
  return normalTerm(over(one, coefficient), inverted)
}

/** The form to a rational power. */
export function raiseForm(base: Form, exponent: Rational, budget: Budget): Form {
  const [single] = base.top.values()
  if (base.bottom === undefined && base.top.size === 1 && single !== undefined) {
    const term = raiseTerm(single, exponent, budget)
    return { top: new Map([[spell(term.powers), term]]) }
  }
  if (base.top.size === 0) return raiseZero(exponent)
  if (!isWhole(exponent) || exponent.top > 200n || exponent.top < -200n) throw notExact
  const count = Math.abs(Number(exponent.top))
  const top = raisePolynomial(base.top, count, budget)
  const raised: Form =
    base.bottom === undefined ? { top } : { top, bottom: raisePolynomial(base.bottom, count, budget) }
  return exponent.top < 0n ? invert(raised, budget) : raised
}

function raiseZero(exponent: Rational): Form {
  if (exponent.top <= 0n) throw new Unreadable('zero has no such power')
  return { top: new Map() }
}

function raiseTerm({ coefficient, powers }: Term, exponent: Rational, budget: Budget): Term {
  if (exponent.top > 1_000_000n || exponent.top < -1_000_000n) throw notExact
  const count = Math.abs(Number(exponent.top))
  const bits = sizeOf(coefficient) - 2
  if (bits > 0 && bits * count > 60_000) throw notExact
  if (bits > 0) budget.chargeBits(bits * count)
  if (isWhole(exponent)) {
    const raised = powers.map(([name, power]) => [name, times(power, exponent)] as const)
    return normalTerm(raise(coefficient, Number(exponent.top)), raised)
  }
  return takeRoot(coefficient, powers, exponent, budget)
}

/** (c x^a …)^(p/q) where that is one real number for positive letters and does not hide a sign, as the root of x² would. */
function takeRoot(coefficient: Rational, powers: Powers, exponent: Rational, budget: Budget): Term {
  const isEven = exponent.bottom % 2n === 0n
  const raised: [string, Rational][] = []
  for (const [name, power] of powers) {
    const isPositive = name.startsWith('#') || name === 'π' || name === 'e'
    if (name === 'i' || (isEven && !isPositive && power.top % 2n === 0n)) throw notExact
    raised.push([name, times(power, exponent)])
  }
  const isNegative = coefficient.top < 0n
  let sign = one
  if (isNegative) {
    if (powers.some(([name]) => !name.startsWith('#'))) throw notExact
    if (!isEven) sign = exponent.top % 2n === 0n ? one : integer(-1)
    else if (exponent.bottom === 2n) raised.push(['i', times(exponent, integer(2))])
    else throw notExact
  }
  const absolute = isNegative ? -coefficient.top : coefficient.top
  for (const [prime, count] of primeFactors(absolute, budget)) {
    raised.push([`#${prime}`, times(integer(count), exponent)])
  }
  for (const [prime, count] of primeFactors(coefficient.bottom, budget)) {
    raised.push([`#${prime}`, times(integer(-count), exponent)])
  }
  return combine(sign, raised)
}

function combine(sign: Rational, powers: readonly [string, Rational][]): Term {
  const sums = new Map<string, Rational>()
  for (const [name, power] of powers) {
    const before = sums.get(name)
    sums.set(name, before === undefined ? power : plus(before, power))
  }
  const sorted = [...sums].sort(([a], [b]) => (a < b ? -1 : 1))
  return normalTerm(sign, sorted)
}
