import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { plus, ratio } from '../ratio.js'
import { grouped, plain } from '../spell.js'

const power = (base: number, exponent: number): bigint => BigInt(base) ** BigInt(exponent)

export const powers: Family = {
  name: 'powers',
  pairs: (draw) =>
    repeat(18, () => {
      const [base, exponent] = [draw.int(2, 15), draw.int(2, 12)]
      const [a, b] = [draw.int(2, 6), draw.int(2, 6)]
      const value = power(base, exponent)
      return [
        same(draw.pick([`${base}^{${exponent}}`, `${base}^{ ${exponent} }`]), grouped(value, draw.pick(['', ',']))),
        same(`${base}^{-${a}}`, `\\frac{1}{${power(base, a)}}`),
        same(`${base}^${a} \\cdot ${base}^${b}`, draw.pick([`${base}^{${a + b}}`, `${power(base, a + b)}`])),
        same(`${base * base}^{${a + 0.5}}`, `${power(base, 2 * a + 1)}`),
        same(`\\left(\\frac{${a}}{${base + 7}}\\right)^{${b}}`, plain(ratio(power(a, b), power(base + 7, b)))),
        differs(`${base}^{${exponent}}`, `${value + BigInt(draw.pick([1, -1]))}`),
        differs(`${base}^{${exponent}}`, `${base * exponent + 1}`),
        differs(`(-${base})^{${2 * a}}`, `-${base}^{${2 * a}}`),
      ]
    }),
}

export const largePowers: Family = {
  name: 'powers of a hundred digits and their neighbours',
  pairs: (draw) => [
    same('2^{100}', `${power(2, 100)}`),
    differs('2^{100}', '2^{100}+1'),
    differs('2^{100}+1', '2^{100}'),
    ...repeat(18, () => {
      const [base, exponent] = [draw.int(2, 19), draw.int(40, 160)]
      const value = power(base, exponent)
      const step = draw.pick([1n, -1n, 2n, 10n])
      return [
        eitherWay(draw, same(`${base}^{${exponent}}`, `${value}`)),
        eitherWay(draw, differs(`${base}^{${exponent}}`, `${value + step}`)),
        eitherWay(draw, differs(`${base}^{${exponent}}`, `${base}^{${exponent}} ${step < 0 ? '-' : '+'} 1`)),
        same(`${base}^{${exponent}} - 1`, `${value - 1n}`),
      ]
    }),
  ],
}

function factorial(n: number): bigint {
  let product = 1n
  for (let factor = 2n; factor <= BigInt(n); factor++) product *= factor
  return product
}

const choose = (n: number, k: number): bigint => factorial(n) / (factorial(k) * factorial(n - k))

export const factorials: Family = {
  name: 'factorials',
  pairs: (draw) =>
    repeat(12, () => {
      const [n, k] = [draw.int(4, 40), draw.int(1, 3)]
      return [
        eitherWay(draw, same(`${n}!`, grouped(factorial(n), draw.pick(['', ',', '{,}'])))),
        same(`\\frac{${n}!}{${n - k}!}`, `${factorial(n) / factorial(n - k)}`),
        same(`${n} \\cdot ${n - 1}!`, `${n}!`),
        eitherWay(draw, differs(`${n}!`, `${factorial(n) + BigInt(draw.pick([1, -1]))}`)),
        differs(`${n}! + 1`, `${n}!`),
        differs(`${n - 1}!`, `${n}!`),
      ]
    }),
}

/** One of the ways to write the number of k-subsets. */
const binomial = (draw: Draw, n: number, k: number): string =>
  draw.pick([`\\binom{${n}}{${k}}`, `\\dbinom{${n}}{${k}}`, `\\tbinom{${n}}{${k}}`, `{${n} \\choose ${k}}`])

export const binomials: Family = {
  name: 'binomials',
  pairs: (draw) =>
    repeat(15, () => {
      const n = draw.int(4, 60)
      const k = draw.int(2, n - 2)
      return [
        eitherWay(draw, same(binomial(draw, n, k), grouped(choose(n, k), draw.pick(['', ','])))),
        same(binomial(draw, n, k), binomial(draw, n, n - k)),
        same(`${binomial(draw, n, k)} + ${binomial(draw, n, k - 1)}`, binomial(draw, n + 1, k)),
        same(`\\frac{${n}!}{${k}! ${n - k}!}`, binomial(draw, n, k)),
        same(`\\frac{${k}}{${binomial(draw, n, k)}}`, plain(ratio(BigInt(k), choose(n, k)))),
        differs(binomial(draw, n, k), `${choose(n, k) + BigInt(draw.pick([1, -1]))}`),
        differs(binomial(draw, n + 1, k), binomial(draw, n, k)),
        differs(
          `\\frac{1}{${binomial(draw, n, k)}}`,
          plain(plus(ratio(1n, choose(n, k)), ratio(1n, choose(n, k) ** 2n))),
        ),
      ]
    }),
}
