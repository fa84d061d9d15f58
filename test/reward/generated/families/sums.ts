import type { Draw } from '../draw.js'
import { differs, type Family, repeat, same } from '../pair.js'
import { plus, type Ratio, ratio, times } from '../ratio.js'
import { plain, signed } from '../spell.js'

/** A term of a sum over the letter: how it is written, and its exact value. */
interface Term {
  written: string
  at(index: number): Ratio
}

function drawTerm(draw: Draw, k: string): Term {
  const [a, b] = [draw.intBut(-6, 6, 0, 1, -1), draw.intBut(-6, 6, 0)]
  return draw.pick<Term>([
    { written: `(${a}${k} ${signed(b)})`, at: (index) => ratio(a * index + b) },
    { written: `${k}^2`, at: (index) => ratio(index * index) },
    { written: `(${a}${k}^2 ${signed(b)}${k})`, at: (index) => ratio(a * index * index + b * index) },
    { written: `\\frac{1}{${k}(${k}+1)}`, at: (index) => ratio(1, index * (index + 1)) },
    { written: `2^{${k}}`, at: (index) => ratio(2n ** BigInt(index)) },
    { written: `\\frac{${k}}{3^${k}}`, at: (index) => ratio(BigInt(index), 3n ** BigInt(index)) },
    { written: `(-1)^{${k}} ${k}`, at: (index) => ratio((index % 2 === 0 ? 1 : -1) * index) },
  ])
}

function folded(term: Term, from: number, to: number, join: (a: Ratio, b: Ratio) => Ratio): Ratio {
  let result = term.at(from)
  for (let index = from + 1; index <= to; index++) result = join(result, term.at(index))
  return result
}

export const sums: Family = {
  name: 'sums with bounds',
  pairs: (draw) =>
    repeat(18, () => {
      const k = draw.pick(['k', 'n', 'i', 'j'])
      const term = drawTerm(draw, k)
      const [from, to] = [draw.int(1, 5), draw.int(6, 40)]
      const value = folded(term, from, to, plus)
      const written = `\\sum_{${k}=${from}}^{${to}} ${term.written}`
      const short = folded(term, from, to - 1, plus)
      return [
        same(
          draw.pick([written, `\\displaystyle${written}`, `\\sum\\limits_{${k} = ${from}}^{${to}}${term.written}`]),
          plain(value),
        ),
        ...(term.at(to).top === 0n ? [] : [differs(written, plain(short))]),
        differs(written, plain(plus(value, ratio(1, draw.int(1, 9))))),
      ]
    }),
}

export const products: Family = {
  name: 'products with bounds',
  pairs: (draw) =>
    repeat(15, () => {
      const k = draw.pick(['k', 'n', 'j'])
      const [from, to, shift] = [draw.int(2, 4), draw.int(5, 25), draw.int(1, 9)]
      const term = draw.pick<Term>([
        { written: `(${k} + ${shift})`, at: (index) => ratio(index + shift) },
        { written: `\\frac{${k}}{${k}+1}`, at: (index) => ratio(index, index + 1) },
        { written: `\\left(1 - \\frac{1}{${k}^2}\\right)`, at: (index) => ratio(index * index - 1, index * index) },
      ])
      const value = folded(term, from, to, times)
      const written = `\\prod_{${k}=${from}}^{${to}} ${term.written}`
      return [
        same(written, plain(value)),
        differs(written, plain(folded(term, from, to + 1, times))),
        differs(written, plain(plus(value, ratio(1)))),
      ]
    }),
}
