// Polynomials with rational coefficients over atoms: letters, π, e, i, and roots of primes. The atoms are taken to be
// algebraically independent but for what is folded into the coefficients here: i² = −1 and (p^(1/n))^n = p. Distinct products of
// real roots of primes are linearly independent over the rationals (Besicovitch, 1940), so two polynomials are equal only as numbers
// when they are equal as polynomials.
import type { Budget } from '../budget.js'
import { half, integer, one, plus, type Rational, raise, showRational, sizeOf, times, zero } from '../rational.js'

/** Sorted by atom; no exponent is zero. Roots of a prime p are the atom #p with an exponent between 0 and 1. */
export type Powers = readonly (readonly [atom: string, exponent: Rational])[]

export interface Term {
  coefficient: Rational
  powers: Powers
}

/** By the spelling of the powers; no coefficient is zero. */
export type Polynomial = ReadonlyMap<string, Term>

/** Beyond these an expression is compared by its values. */
const maxTerms = 400
const maxCoefficientBits = 40_000

/** Thrown where exact arithmetic does not apply; no fault of the answer. */
export class NotExact extends Error {}
export const notExact = new NotExact('not exact')

export function constant(value: Rational): Polynomial {
  return value.top === 0n ? new Map() : new Map([['', { coefficient: value, powers: [] }]])
}

export function atom(name: string, exponent: Rational = one): Polynomial {
  const powers: Powers = [[name, exponent]]
  return new Map([[spell(powers), { coefficient: one, powers }]])
}

/** The value, where the polynomial is a number. */
export function constantOf(polynomial: Polynomial): Rational | undefined {
  if (polynomial.size === 0) return zero
  return polynomial.size === 1 ? polynomial.get('')?.coefficient : undefined
}

export function add(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  const sum = new Map(a)
  for (const [key, term] of b) accumulate(sum, key, term, budget)
  if (sum.size > maxTerms) throw notExact
  return sum
}

export function multiply(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  const product = new Map<string, Term>()
  for (const x of a.values()) {
    for (const y of b.values()) {
      const term = multiplyTerms(x, y, budget)
      accumulate(product, spell(term.powers), term, budget)
      if (product.size > maxTerms) throw notExact
    }
  }
  return product
}

export function scale(a: Polynomial, factor: Rational, budget: Budget): Polynomial {
  if (factor.top === 0n) return new Map()
  budget.charge(a.size * 4)
  return new Map([...a].map(([key, term]) => [key, { ...term, coefficient: times(term.coefficient, factor) }]))
}

export function raisePolynomial(a: Polynomial, exponent: number, budget: Budget): Polynomial {
  let [result, square] = [constant(one), a]
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, square, budget)
    if (rest > 1) square = multiply(square, square, budget)
  }
  return result
}

export function isSamePolynomial(a: Polynomial, b: Polynomial): boolean {
  if (a.size !== b.size) return false
  for (const [key, { coefficient }] of a) {
    const other = b.get(key)?.coefficient
    if (other === undefined || other.top !== coefficient.top || other.bottom !== coefficient.bottom) return false
  }
  return true
}

function accumulate(sum: Map<string, Term>, key: string, term: Term, budget: Budget): void {
  const before = sum.get(key)
  budget.charge(8)
  if (before === undefined) {
    sum.set(key, term)
    return
  }
  const coefficient = plus(before.coefficient, term.coefficient)
  if (coefficient.top === 0n) sum.delete(key)
  else sum.set(key, { coefficient, powers: term.powers })
}

function multiplyTerms(a: Term, b: Term, budget: Budget): Term {
  budget.charge(8 + 4 * (a.powers.length + b.powers.length))
  const bits = sizeOf(a.coefficient) + sizeOf(b.coefficient)
  if (bits > maxCoefficientBits) throw notExact
  if (bits > 256) budget.chargeBits(bits)
  const coefficient = times(a.coefficient, b.coefficient)
  if (a.powers.length === 0) return { coefficient, powers: b.powers }
  if (b.powers.length === 0) return { coefficient, powers: a.powers }
  return normalTerm(coefficient, mergePowers(a.powers, b.powers))
}

function mergePowers(a: Powers, b: Powers): Powers {
  const merged: (readonly [string, Rational])[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]]
    if (y === undefined || (x !== undefined && x[0] < y[0])) {
      if (x !== undefined) merged.push(x)
      i++
    } else if (x === undefined || y[0] < x[0]) {
      merged.push(y)
      j++
    } else {
      merged.push([x[0], plus(x[1], y[1])])
      i++
      j++
    }
  }
  return merged
}

/** Folds i² and whole powers of primes into the coefficient. */
export function normalTerm(coefficient: Rational, powers: Powers): Term {
  let factor = coefficient
  const kept: (readonly [string, Rational])[] = []
  for (const [name, exponent] of powers) {
    if (exponent.top === 0n) continue
    const isPrime = name.startsWith('#')
    if (name !== 'i' && !isPrime) {
      kept.push([name, exponent])
      continue
    }
    // i^n = (-1)^floor(n / 2) i^(n mod 2), p^q = p^floor(q) p^(q mod 1)
    const unit = isPrime ? exponent : times(exponent, half)
    const whole = unit.top >= 0n ? unit.top / unit.bottom : -((-unit.top + unit.bottom - 1n) / unit.bottom)
    if (whole > 10_000n || whole < -10_000n) throw notExact
    const base = isPrime ? integer(BigInt(name.slice(1))) : integer(-1)
    factor = times(factor, raise(base, Number(whole)))
    const rest = plus(exponent, integer(isPrime ? -whole : -2n * whole))
    if (rest.top !== 0n) kept.push([name, rest])
  }
  return { coefficient: factor, powers: kept }
}

export function spell(powers: Powers): string {
  let text = ''
  for (const [name, exponent] of powers) {
    text += exponent.top === 1n && exponent.bottom === 1n ? `${name}*` : `${name}^${showRational(exponent)}*`
  }
  return text
}
