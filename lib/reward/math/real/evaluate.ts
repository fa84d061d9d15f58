// The value of an expression where its letters have values.
import { type Budget, Unreadable } from '../budget.js'
import { exactRational } from '../exact/to-form.js'
import { isWhole, type Rational } from '../rational.js'
import type { Node, NodeOf } from '../tree.js'
import { absoluteFloat, negateFloat, roundFloat } from './big-float.js'
import {
  addComplex,
  type Complex,
  complexOf,
  complexOne,
  complexZero,
  divideComplex,
  exponentialOf,
  imaginaryUnit,
  isReal,
  isZero,
  magnitudeOf,
  multiplyComplex,
  negateComplex,
  powerOf,
  realNumber,
  squareRootOf,
  undefinedHere,
  whole,
  wholePower,
} from './complex.js'
import { pi } from './elementary.js'
import { complexFunctions } from './functions.js'

export interface Point {
  values: ReadonlyMap<string, Complex>
  /** Where even roots and logarithms of negative numbers are undefined. */
  isRealDomain: boolean
  budget: Budget
  /** Of the largest number met, as a power of two: how much may have cancelled. */
  largest: number
}

const maxSeriesTerms = 3000n

/**
 * @throws Undefined where there is no value at the point.
 * @throws Unreadable where there is none at all.
 */
export function evaluate(node: Node, point: Point): Complex {
  point.budget.charge(10)
  const value = valueAt(node, point)
  const size = magnitudeOf(value)
  if (size > point.largest) point.largest = size
  return value
}

function valueAt(node: Node, point: Point): Complex {
  switch (node.kind) {
    case 'number':
      return complexOf(node.value)
    case 'letter':
      return valueOfLetter(node.name, point)
    case 'constant':
      return point.values.get(node.name) ?? valueOfConstant(node)
    case 'sum':
      return node.terms.map((term) => evaluate(term, point)).reduce(addComplex)
    case 'product':
      return node.factors.map((factor) => evaluate(factor, point)).reduce(multiplyComplex)
    case 'quotient':
      return divideComplex(evaluate(node.top, point), evaluate(node.bottom, point))
    case 'negative':
      return negateComplex(evaluate(node.of, point))
    case 'power':
      return valueOfPower(node, point)
    case 'root':
      return valueOfRoot(evaluate(node.of, point), { top: 1n, bottom: BigInt(node.degree) }, point)
    case 'call':
      return valueOfCall(node, point)
    case 'series':
      return valueOfSeries(node, point)
    case 'unit':
      return valueOfUnit(node, point)
    default:
      throw new Unreadable(`a ${node.kind} stands where a number should`)
  }
}

function valueOfLetter(name: string, point: Point): Complex {
  const value = point.values.get(name)
  if (value === undefined) throw new Unreadable(`${name} has no value`)
  return value
}

function valueOfConstant({ name }: NodeOf<'constant'>): Complex {
  if (name === 'pi') return realNumber(pi)
  if (name === 'e') return exponentialOf(complexOne)
  if (name === 'i') return imaginaryUnit
  throw new Unreadable('infinity stands within an expression')
}

function valueOfUnit({ of, unit }: NodeOf<'unit'>, point: Point): Complex {
  if (unit === '%') return divideComplex(evaluate(of, point), whole(100))
  if (unit === '°') return divideComplex(multiplyComplex(evaluate(of, point), realNumber(pi)), whole(180))
  throw new Unreadable('a unit stands within an expression')
}

function valueOfPower({ base, exponent }: NodeOf<'power'>, point: Point): Complex {
  const power = exactExponent(exponent, point)
  if (base.kind === 'constant' && base.name === 'e' && !point.values.has('e')) {
    point.budget.charge(150)
    return exponentialOf(evaluate(exponent, point))
  }
  const value = evaluate(base, point)
  if (power !== undefined) return valueOfRoot(value, power, point)
  const raised = evaluate(exponent, point)
  const nearest = isReal(raised) && magnitudeOf(raised) < 40 ? roundFloat(raised.re) : undefined
  if (nearest !== undefined && isZero(addComplex(raised, complexOf({ top: -nearest, bottom: 1n })))) {
    return valueOfRoot(value, { top: nearest, bottom: 1n }, point)
  }
  if (isZero(value)) throw undefinedHere
  if (point.isRealDomain && (!isReal(value) || value.re.bits < 0n)) throw undefinedHere
  point.budget.charge(500)
  return powerOf(value, raised)
}

function exactExponent(node: Node, { budget }: Point): Rational | undefined {
  if (node.kind === 'number') return node.value
  return node.kind === 'negative' || node.kind === 'quotient' ? exactRational(node, budget) : undefined
}

/** The real root of a negative number where the degree is odd, as is usual in school; else the principal one. */
function valueOfRoot(value: Complex, exponent: Rational, point: Point): Complex {
  const { budget, isRealDomain } = point
  if (isWhole(exponent)) {
    if (isZero(value) && exponent.top <= 0n) throw undefinedHere
    if (exponent.top > 1n << 40n || exponent.top < -(1n << 40n)) throw new Unreadable('a power in it is too large')
    budget.charge(20 + 6 * exponent.top.toString(2).length)
    return wholePower(value, exponent.top)
  }
  if (isZero(value)) {
    if (exponent.top <= 0n) throw undefinedHere
    return complexZero
  }
  const isNegative = isReal(value) && value.re.bits < 0n
  const isEven = exponent.bottom % 2n === 0n
  if (isRealDomain && (!isReal(value) || (isNegative && isEven))) throw undefinedHere
  if (exponent.bottom === 2n) {
    budget.charge(60)
    return wholePower(squareRootOf(value), exponent.top)
  }
  budget.charge(500)
  if (!isNegative || isEven) return powerOf(value, complexOf(exponent))
  const size = powerOf(realNumber(absoluteFloat(value.re)), complexOf(exponent))
  return exponent.top % 2n === 0n ? size : { re: negateFloat(size.re), im: size.im }
}

const needsPositive = new Set(['log', 'lg'])
const needsUnitInterval = new Set(['asin', 'acos'])

function valueOfCall({ name, args }: NodeOf<'call'>, point: Point): Complex {
  const compute = complexFunctions[name]
  if (compute === undefined) throw new Unreadable(`${name} is not a function that can be evaluated`)
  const values = args.map((arg) => evaluate(arg, point))
  point.budget.charge(400)
  if (point.isRealDomain) {
    if (needsPositive.has(name) && values.some((value) => !isReal(value) || value.re.bits <= 0n)) throw undefinedHere
    if (needsUnitInterval.has(name) && values.some((value) => !isReal(value) || magnitudeOf(value) > 1))
      throw undefinedHere
  }
  const value = compute(values, point.budget)
  if (point.isRealDomain && !isReal(value)) throw undefinedHere
  return value
}

function valueOfSeries({ isSum, index, from, to, body }: NodeOf<'series'>, point: Point): Complex {
  const [first, last] = [wholeBound(evaluate(from, point)), wholeBound(evaluate(to, point))]
  if (last - first > maxSeriesTerms) throw new Unreadable('a sum has too many terms')
  let total = isSum ? complexZero : complexOne
  const values = new Map(point.values)
  for (let k = first; k <= last; k++) {
    values.set(index, complexOf({ top: k, bottom: 1n }))
    const inner: Point = { ...point, values }
    const term = evaluate(body, inner)
    point.largest = Math.max(point.largest, inner.largest)
    total = isSum ? addComplex(total, term) : multiplyComplex(total, term)
  }
  return total
}

function wholeBound(value: Complex): bigint {
  if (!isReal(value) || magnitudeOf(value) > 40) throw new Unreadable('a sum has too many terms')
  const nearest = roundFloat(value.re)
  if (!isZero(addComplex(value, complexOf({ top: -nearest, bottom: 1n })))) throw undefinedHere
  return nearest
}
