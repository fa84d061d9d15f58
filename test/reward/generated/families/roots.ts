import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { signed } from '../spell.js'

const squareFree = [2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19, 21, 22, 23, 26, 29, 30]

/** 6 becomes `6\sqrt{2}` before a root, 1 and −1 become a bare root. */
const times = (factor: number, root: string): string =>
  factor === 1 ? root : factor === -1 ? `-${root}` : `${factor}${root}`

export const roots: Family = {
  name: 'square roots, simplified or not',
  hasDirection: true,
  pairs: (draw) =>
    repeat(21, () => {
      const [factor, inner] = [draw.int(2, 12), draw.pick(squareFree)]
      const written = draw.pick([
        `\\sqrt{${inner}}`,
        `\\sqrt {${inner}}`,
        `sqrt(${inner})`,
        `${inner}^{1/2}`,
        `√(${inner})`,
      ])
      const bare = inner < 10 ? `${factor}\\sqrt${inner}` : `${factor}\\sqrt{${inner}}`
      const decimal = String(Math.sqrt(inner) * factor)
      return [
        same(`\\sqrt{${factor * factor * inner}}`, `${factor} \\cdot ${written}`),
        same(bare, `${factor}\\sqrt{${inner}}`),
        same(`\\frac{${factor * inner}}{\\sqrt{${inner}}}`, bare),
        same(`\\sqrt{\\frac{${factor}}{${inner}}}`, `\\frac{\\sqrt{${factor * inner}}}{${inner}}`),
        eitherWay(draw, differs(bare, times(factor, `\\sqrt{${inner + 1}}`))),
        differs(`${factor}^{2}\\sqrt{${inner}}`, bare),
        differs(decimal.slice(0, draw.int(5, decimal.length)), bare),
      ]
    }),
}

export const higherRoots: Family = {
  name: 'higher roots',
  pairs: (draw) =>
    repeat(15, () => {
      const [base, index, inner] = [draw.int(2, 9), draw.int(3, 6), draw.pick(squareFree)]
      const power = BigInt(base) ** BigInt(index)
      const whole = `\\sqrt[${index}]{${power}}`
      const root = `\\sqrt[${index}]{${inner}}`
      return [
        same(whole, `${base}`),
        same(`\\sqrt[${index}]{${power * BigInt(inner)}}`, draw.pick([`${base}${root}`, `${root} \\cdot ${base}`])),
        same(root, draw.pick([`${inner}^{1/${index}}`, `${inner}^{\\frac{1}{${index}}}`])),
        differs(`\\sqrt[${index}]{${power + 1n}}`, `${base}`),
        differs(`\\sqrt[${index + 1}]{${inner}}`, root),
      ]
    }),
}

export const sumsOfRoots: Family = {
  name: 'sums of roots, denested and rationalised',
  pairs: (draw) =>
    repeat(15, () => {
      const [first, second] = draw.shuffled(squareFree)
      if (first === undefined || second === undefined) return []
      const [a, b] = [Math.max(first, second), Math.min(first, second)]
      const sum = `\\sqrt{${b}} + \\sqrt{${a}}`
      const [p, q] = [draw.int(1, 9), draw.intBut(-9, 9, 0, 1, -1)]
      const binomial = `${p} ${q < 0 ? '-' : '+'} ${Math.abs(q)}\\sqrt{${a}}`
      const norm = p * p - q * q * a
      return [
        same(`\\sqrt{${a + b} + 2\\sqrt{${a * b}}}`, sum),
        same(`\\frac{${a - b}}{\\sqrt{${a}} - \\sqrt{${b}}}`, sum),
        same(`\\frac{1}{${binomial}}`, `\\frac{${p} ${signed(-q)}\\sqrt{${a}}}{${norm}}`),
        same(`(${binomial})^2`, `${p * p + q * q * a} ${signed(2 * p * q)}\\sqrt{${a}}`),
        differs(`\\sqrt{${a + b}}`, sum),
        differs(`\\sqrt{${a}} - \\sqrt{${b}}`, sum),
        eitherWay(draw, differs(`${p} ${signed(-q)}\\sqrt{${a}}`, binomial)),
      ]
    }),
}

export const nearlyWhole: Family = {
  name: 'roots that all but meet a whole number',
  pairs: (draw) =>
    repeat(15, () => {
      const whole = draw.digits(draw.int(3, 25))
      const less = draw.digits(draw.int(2, 9))
      const square = whole * whole
      return [
        same(`\\sqrt{${square}}`, `${whole}`),
        eitherWay(draw, differs(`\\sqrt{${square + BigInt(draw.pick([1, -1]))}}`, `${whole}`)),
        eitherWay(draw, differs(`\\sqrt{${square + 1n}} - ${whole}`, '0')),
        eitherWay(draw, differs(`\\sqrt{${less * less + 1n}} + \\sqrt{${less * less - 1n}}`, `${2n * less}`)),
      ]
    }),
}
