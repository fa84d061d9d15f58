// A tree's exact value, where it has one.
import { type Budget, Unreadable } from '../budget.js'
import {
  compareRationals,
  floorOf,
  greatestCommonDivisor,
  integer,
  isWhole,
  negate,
  one,
  over,
  type Rational,
  ratio,
  sizeOf,
} from '../rational.js'
import { substitute } from '../substitute.js'
import type { Node, NodeOf } from '../tree.js'
import {
  addForms,
  atomForm,
  type Form,
  formOf,
  invert,
  multiplyForms,
  negateForm,
  raiseForm,
  rationalOfForm,
} from './form.js'
import { NotExact, notExact } from './polynomial.js'
import { showForm } from './show.js'

const maxFactorial = 3000n
const maxSeriesTerms = 5000

/**
 * Undefined where exact arithmetic does not apply, as to sin(1).
 * @throws Unreadable when there is no value, as of 1/0.
 */
export function exactForm(node: Node, budget: Budget): Form | undefined {
  try {
    return form(node, budget)
  } catch (error) {
    if (error instanceof NotExact) return undefined
    throw error
  }
}

export function exactRational(node: Node, budget: Budget): Rational | undefined {
  const value = exactForm(node, budget)
  return value && rationalOfForm(value)
}

function form(node: Node, budget: Budget): Form {
  budget.charge(4)
  switch (node.kind) {
    case 'number':
      return formOf(node.value)
    case 'letter':
      return atomForm(node.name)
    case 'constant':
      return constantForm(node)
    case 'sum':
      return node.terms.map((term) => form(term, budget)).reduce((a, b) => addForms(a, b, budget))
    case 'product':
      return node.factors.map((factor) => form(factor, budget)).reduce((a, b) => multiplyForms(a, b, budget))
    case 'quotient':
      return multiplyForms(form(node.top, budget), invert(form(node.bottom, budget), budget), budget)
    case 'negative':
      return negateForm(form(node.of, budget), budget)
    case 'power':
      return powerForm(node, budget)
    case 'root':
      return raiseForm(form(node.of, budget), ratio(1n, BigInt(node.degree)), budget)
    case 'call':
      return callForm(node, budget)
    case 'series':
      return seriesForm(node, budget)
    case 'unit':
      return unitForm(node, budget)
    default:
      throw notExact
  }
}

function constantForm({ name }: NodeOf<'constant'>): Form {
  if (name === 'infinity') throw notExact
  return atomForm(name === 'pi' ? 'π' : name)
}

function powerForm({ base, exponent }: NodeOf<'power'>, budget: Budget): Form {
  const power = rationalOfForm(form(exponent, budget))
  if (power === undefined) throw notExact
  return raiseForm(form(base, budget), power, budget)
}

function unitForm({ of, unit }: NodeOf<'unit'>, budget: Budget): Form {
  if (unit === '%') return multiplyForms(form(of, budget), formOf(ratio(1n, 100n)), budget)
  if (unit === '°')
    return multiplyForms(form(of, budget), multiplyForms(atomForm('π'), formOf(ratio(1n, 180n)), budget), budget)
  throw new Unreadable('a unit stands within an expression')
}

function seriesForm({ index, from, to, body, isSum }: NodeOf<'series'>, budget: Budget): Form {
  const [first, last] = [rationalOfForm(form(from, budget)), rationalOfForm(form(to, budget))]
  if (first === undefined || last === undefined || !isWhole(first) || !isWhole(last)) throw notExact
  if (last.top - first.top > maxSeriesTerms) throw new Unreadable('a sum has too many terms')
  let total = formOf(integer(isSum ? 0 : 1))
  for (let k = first.top; k <= last.top; k++) {
    const term = form(substitute(body, index, { kind: 'number', value: integer(k) }), budget)
    total = isSum ? addForms(total, term, budget) : multiplyForms(total, term, budget)
  }
  return total
}

function callForm({ name, args }: NodeOf<'call'>, budget: Budget): Form {
  const forms = args.map((arg) => form(arg, budget))
  if (name.endsWith('()')) return atomForm(`${name.slice(0, -1)}${forms.map(showForm).join(',')})`)
  const values = forms.map(rationalOfForm)
  const compute = computed[name]
  if (compute === undefined || values.includes(undefined)) throw notExact
  return formOf(compute(values as Rational[], budget))
}

/** Functions of rational numbers that have rational values. */
const computed: Readonly<Record<string, (values: Rational[], budget: Budget) => Rational>> = {
  abs: ([x = one]) => (x.top < 0n ? negate(x) : x),
  sign: ([x = one]) => integer(x.top < 0n ? -1 : x.top > 0n ? 1 : 0),
  floor: ([x = one]) => integer(floorOf(x)),
  ceil: ([x = one]) => integer(-floorOf(negate(x))),
  factorial: ([n = one], budget) => integer(factorial(n, budget)),
  binomial: ([n = one, k = one], budget) => binomial(n, k, budget),
  gcd: (values, budget) => integer(values.map(wholeOf).reduce((a, b) => chargedGcd(a, b, budget))),
  lcm: (values, budget) => integer(values.map(wholeOf).reduce((a, b) => (a * b) / (chargedGcd(a, b, budget) || 1n))),
  max: (values) => values.reduce((a, b) => (compareRationals(a, b) >= 0 ? a : b)),
  min: (values) => values.reduce((a, b) => (compareRationals(a, b) <= 0 ? a : b)),
  exp: ([x = one]) => (x.top === 0n ? one : fail()),
  log: ([x = one, base], budget) => exactLogarithm(x, base, budget),
}

function fail(): never {
  throw notExact
}

function wholeOf(value: Rational): bigint {
  return isWhole(value) ? value.top : fail()
}

function chargedGcd(a: bigint, b: bigint, budget: Budget): bigint {
  budget.charge(20)
  return greatestCommonDivisor(a, b)
}

function factorial(n: Rational, budget: Budget): bigint {
  if (n.bottom !== 1n || n.top < 0n) throw new Unreadable('a factorial is of no whole number')
  if (n.top > maxFactorial) throw new Unreadable(`a factorial is of more than ${maxFactorial}`)
  budget.charge(Number(n.top) * (1 + Number(n.top) / 300))
  let product = 1n
  for (let k = 2n; k <= n.top; k++) product *= k
  return product
}

/** n (n − 1) … (n − k + 1) / k! */
function binomial(n: Rational, k: Rational, budget: Budget): Rational {
  if (!isWhole(k)) throw notExact
  if (isWhole(n) && n.top >= 0n && k.top > n.top / 2n && k.top <= n.top)
    return binomial(n, integer(n.top - k.top), budget)
  if (k.top < 0n || (isWhole(n) && n.top >= 0n && k.top > n.top)) return integer(0)
  if (k.top > maxFactorial) throw new Unreadable('a binomial coefficient is too large')
  budget.charge(Number(k.top) * (4 + Number(k.top) / 100))
  let [top, bottom] = [1n, 1n]
  for (let i = 0n; i < k.top; i++) {
    top *= n.top - i * n.bottom
    bottom *= (i + 1n) * n.bottom
  }
  return ratio(top, bottom)
}

/** log_4 8 is 3/2: both are powers of one number. */
function exactLogarithm(x: Rational, base: Rational | undefined, budget: Budget): Rational {
  if (x.top <= 0n) throw notExact
  if (x.top === x.bottom) return integer(0)
  if (base === undefined || base.top <= 0n || base.top === base.bottom) throw notExact
  // log_b x = p/q exactly when the same step of Euclid's algorithm ends on exponents: divide the larger by the smaller.
  let [a, b] = [x, base]
  let sign = 1n
  if (compareRationals(a, one) < 0) [a, sign] = [over(one, a), -sign]
  if (compareRationals(b, one) < 0) [b, sign] = [over(one, b), -sign]
  let [p, q, r, s] = [1n, 0n, 0n, 1n]
  // a = g^…: a = x^p b^-q, b = … kept as exponents of the two numbers.
  for (let step = 0; step < 400; step++) {
    budget.charge(10)
    if (a.top === a.bottom) return ratio(sign * q, p === 0n ? 1n : p)
    if (b.top === b.bottom) return ratio(sign * s, r === 0n ? 1n : r)
    if (compareRationals(a, b) >= 0) {
      a = over(a, b)
      ;[p, q] = [p + r, q + s]
    } else {
      b = over(b, a)
      ;[r, s] = [r + p, s + q]
    }
    if (sizeOf(a) + sizeOf(b) > 3000) throw notExact
  }
  throw notExact
}
