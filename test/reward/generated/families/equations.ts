import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { add, drawFactor, multiply, type Polynomial, polynomial, spellPolynomial, termsOf } from '../polynomial.js'
import { plus, ratio } from '../ratio.js'
import { drawNumber, plain, spellNumber } from '../spell.js'

export const solutions: Family = {
  name: 'a letter equal to a number, and the number',
  pairs: (draw) =>
    repeat(18, () => {
      const value = drawNumber(draw, 40)
      const other = plus(value, ratio(draw.pick([1, -1, 10]), draw.pick([1, 1, 7])))
      const x = draw.pick(['x', 'y', 'n', 'k', 'a', 'm', 'p'])
      const equation = `${x} = ${spellNumber(draw, value)}`
      return [
        eitherWay(draw, same(equation, plain(value))),
        same(draw.pick([equation, `${x}=${plain(value)}`]), `${x} = ${plain(value)}`),
        same(`${plain(value)} = ${x}`, `${x} = ${plain(value)}`),
        eitherWay(draw, differs(equation, plain(other))),
        differs(`${x} = ${plain(other)}`, equation),
      ]
    }),
}

/** Every coefficient times a factor. */
const scaled = (value: Polynomial, factor: number): Polynomial =>
  polynomial(
    value.letters,
    termsOf(value).map(([powers, old]) => [powers, old * BigInt(factor)]),
  )

/** value = 0 as an equation with something on both of its sides, times a factor. */
function asEquation(draw: Draw, value: Polynomial): string {
  const moved = drawFactor(draw, value.letters)
  const left = add(scaled(value, draw.pick([1, 1, -1, 2, -3, 5])), moved)
  const sides = draw.shuffled([left, moved])
  return sides.map((side) => spellPolynomial(draw, side)).join(draw.pick([' = ', '=']))
}

const square = (value: Polynomial): Polynomial => multiply(value, value)

export const equations: Family = {
  name: 'equations, equal up to a factor',
  pairs: (draw) =>
    repeat(24, () => {
      const letters = draw.pick([
        ['x', 'y'],
        ['x', 'y', 'z'],
        ['a', 'b'],
      ])
      const line = drawFactor(draw, letters)
      const value = draw.isHeads() ? line : add(square(drawFactor(draw, letters)), square(line))
      const [powers] = draw.pick(termsOf(value))
      const other = add(value, polynomial(letters, [[powers, BigInt(draw.pick([1, -1]))]]))
      return [
        same(asEquation(draw, value), asEquation(draw, value)),
        same(asEquation(draw, value), `${spellPolynomial(draw, value)} = 0`),
        eitherWay(draw, differs(asEquation(draw, other), asEquation(draw, value))),
        differs(`${spellPolynomial(draw, value)} = 1`, `${spellPolynomial(draw, value)} = 0`),
      ]
    }),
}

export const namedFunctions: Family = {
  name: 'a function with its name, and without',
  pairs: (draw) =>
    repeat(12, () => {
      const value = multiply(drawFactor(draw, ['x']), drawFactor(draw, ['x']))
      const other = add(value, polynomial(['x'], [[[1], 1n]]))
      const name = draw.pick(['y', 'f(x)', 'g(x)', 'P(x)'])
      return [
        eitherWay(draw, same(`${name} = ${spellPolynomial(draw, value)}`, spellPolynomial(draw, value))),
        same(`${name} = ${spellPolynomial(draw, value)}`, `${name} = ${spellPolynomial(draw, value)}`),
        differs(`${name} = ${spellPolynomial(draw, other)}`, spellPolynomial(draw, value)),
      ]
    }),
}

export const equationsAndNumbers: Family = {
  name: 'equations that do not say what the letter is',
  pairs: (draw) =>
    repeat(15, () => {
      const [factor, value] = [draw.int(2, 9), draw.int(2, 60)]
      return [
        differs(`${factor}x = ${factor * value}`, `${factor * value}`),
        differs(`${value}`, `${factor}x + y = ${value}`),
        same(`${factor}x = ${factor * value}`, `x = ${value}`),
        differs(`x = ${value}`, `y = ${value}x`),
      ]
    }),
}
