import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import {
  add,
  drawFactor,
  multiply,
  type Polynomial,
  polynomial,
  spellPolynomial,
  spellProduct,
  termsOf,
} from '../polynomial.js'

const alphabets = [
  ['x'],
  ['x', 'y'],
  ['a', 'b', 'c'],
  ['n'],
  ['x', 'y', 'z'],
  ['m', 'n'],
  ['p', 'q', 'r', 's'],
] as const

const product = (factors: readonly Polynomial[]): Polynomial => factors.reduce((left, right) => multiply(left, right))

/** The polynomial with one coefficient moved a little. */
function nudged(draw: Draw, value: Polynomial): Polynomial {
  const [powers] = draw.pick(termsOf(value))
  return add(value, polynomial(value.letters, [[powers, BigInt(draw.pick([1, -1, 2]))]]))
}

export const polynomials: Family = {
  name: 'polynomials in several letters, factored and expanded',
  pairs: (draw) =>
    repeat(24, (index) => {
      const letters = alphabets[index % alphabets.length] ?? ['x']
      const factors = Array.from({ length: draw.int(2, 4) }, () => drawFactor(draw, letters))
      const value = product(factors)
      const other = nudged(draw, value)
      return [
        same(spellPolynomial(draw, value), spellPolynomial(draw, value)),
        eitherWay(draw, same(spellProduct(draw, factors), spellPolynomial(draw, value))),
        eitherWay(draw, differs(spellPolynomial(draw, other), spellPolynomial(draw, value))),
        differs(spellPolynomial(draw, other), spellProduct(draw, factors)),
      ]
    }),
}

export const powersOfSums: Family = {
  name: 'powers of sums',
  pairs: (draw) =>
    repeat(15, () => {
      const factor = drawFactor(draw, ['x', 'y'])
      const power = draw.int(2, 7)
      const value = product(Array.from({ length: power }, () => factor))
      const written = `(${spellPolynomial(draw, factor)})^${power}`
      return [
        same(written, spellPolynomial(draw, value)),
        differs(written, spellPolynomial(draw, nudged(draw, value))),
        differs(`(${spellPolynomial(draw, factor)})^${power + 1}`, written),
      ]
    }),
}

export const rationalFunctions: Family = {
  name: 'quotients of polynomials',
  pairs: (draw) =>
    repeat(12, () => {
      const x = draw.pick(['x', 't', 'n', 'z'])
      const factors = [drawFactor(draw, [x]), drawFactor(draw, [x]), drawFactor(draw, [x])] as const
      const [common, above, below] = factors
      const written = (value: Polynomial): string => spellPolynomial(draw, value)
      const whole = `\\frac{${written(multiply(common, above))}}{${written(multiply(common, below))}}`
      const [a, b] = draw.distinct(2, 1, 9) as [number, number]
      const parts = `\\frac{1}{${x} - ${a}} - \\frac{1}{${x} + ${b}}`
      return [
        same(whole, `\\frac{${written(multiply(above, factors[0]))}}{(${written(below)})(${written(common)})}`),
        same(whole, `(${written(above)})/(${written(below)})`),
        same(parts, `\\frac{${a + b}}{(${x} - ${a})(${x} + ${b})}`),
        differs(whole, `\\frac{${written(nudged(draw, above))}}{${written(below)}}`),
        differs(`\\frac{1}{${x} - ${a}} + \\frac{1}{${x} + ${b}}`, parts),
        differs(parts, `\\frac{${a + b}}{(${x} + ${a})(${x} - ${b})}`),
      ]
    }),
}

export const changedLetters: Family = {
  name: 'the same shape in other letters',
  pairs: (draw) =>
    repeat(12, () => {
      const [a, b] = [draw.int(2, 30), draw.int(2, 30)]
      const [x, y] = draw.shuffled(['x', 'y', 'a', 'b', 'n', 't']) as [string, string]
      return [
        differs(`${a}${x} + ${b}`, `${a}${y} + ${b}`),
        differs(`${a}${x} + ${b}`, `${a}${x} - ${b}`),
        differs(`${a}${x}${y}`, `${a}${x} + ${y}`),
        differs(`${a}${x}^2`, `${a}${x}`),
        same(`${a}${x}${y}`, `${a}${y}${x}`),
      ]
    }),
}
