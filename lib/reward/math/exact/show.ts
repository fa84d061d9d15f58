// One spelling for each exact value.
import { one, type Rational, showRational } from '../rational.js'
import type { Form } from './form.js'
import type { Polynomial, Powers, Term } from './polynomial.js'

export function showForm({ top, bottom }: Form): string {
  if (bottom === undefined) return showPolynomial(top)
  return `(${showPolynomial(top)})/(${showPolynomial(bottom)})`
}

/** Terms by falling degree, then by spelling. */
function showPolynomial(polynomial: Polynomial): string {
  if (polynomial.size === 0) return '0'
  if (polynomial.size > 1000) return `a polynomial of ${polynomial.size} terms`
  const terms = [...polynomial.values()].map((term) => ({
    term,
    degree: degreeOf(term.powers),
    text: showPowers(term.powers),
  }))
  terms.sort((a, b) => b.degree - a.degree || (a.text < b.text ? -1 : 1))
  return terms.map(({ term, text }, i) => showTerm(term, text, i === 0)).join('')
}

function degreeOf(powers: Powers): number {
  return powers.reduce(
    (sum, [name, { top, bottom }]) => (name.startsWith('#') ? sum : sum + Number(top) / Number(bottom)),
    0,
  )
}

function showTerm({ coefficient }: Term, powers: string, isFirst: boolean): string {
  const isNegative = coefficient.top < 0n
  const absolute: Rational = { ...coefficient, top: isNegative ? -coefficient.top : coefficient.top }
  const sign = isFirst ? (isNegative ? '-' : '') : isNegative ? ' - ' : ' + '
  if (powers === '') return sign + showRational(absolute)
  const isOne = absolute.top === one.top && absolute.bottom === one.bottom
  return `${sign}${isOne ? '' : `${showRational(absolute)}*`}${powers}`
}

function showPowers(powers: Powers): string {
  return powers.map(([name, exponent]) => showPower(name, exponent)).join('*')
}

function showPower(name: string, exponent: Rational): string {
  const base = name.startsWith('#') ? name.slice(1) : name
  if (exponent.top === 1n && exponent.bottom === 1n) return base
  if (exponent.top === 1n && exponent.bottom === 2n) return `sqrt(${base})`
  return `${base}^${exponent.bottom === 1n && exponent.top > 0n ? exponent.top : `(${showRational(exponent)})`}`
}
