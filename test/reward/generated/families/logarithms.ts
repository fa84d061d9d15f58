import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { ratio } from '../ratio.js'
import { plain } from '../spell.js'

export const logarithms: Family = {
  name: 'logarithms',
  pairs: (draw) =>
    repeat(15, () => {
      const [base, exponent] = [draw.int(2, 12), draw.int(2, 8)]
      const [a, b] = draw.distinct(2, 2, 30) as [number, number]
      const value = BigInt(base) ** BigInt(exponent)
      const [ln, bracketed] = [`\\ln ${a}`, `\\ln{${a}}`]
      return [
        same(
          draw.pick([`\\log_{${base}} ${value}`, `\\log_{${base}}(${value})`, `\\log_{${base}}{${value}}`]),
          `${exponent}`,
        ),
        same(`\\log_{${value}} ${base}`, plain(ratio(1, exponent))),
        same(`\\ln(${a * b})`, draw.pick([`\\ln ${a} + \\ln ${b}`, `\\ln ${b} + ${bracketed}`])),
        same(`\\ln ${a} - \\ln ${b}`, `\\ln \\frac{${a}}{${b}}`),
        same(`${exponent} ${ln}`, `\\ln ${BigInt(a) ** BigInt(exponent)}`),
        same(`\\log_{${a}} ${b}`, draw.pick([`\\frac{\\ln ${b}}{\\ln ${a}}`, `\\frac{1}{\\log_{${b}} ${a}}`])),
        same(`e^{${ln}}`, `${a}`),
        differs(`\\ln(${a + b})`, `\\ln ${a} + \\ln ${b}`),
        differs(`\\log_{${a}} ${b}`, `\\log_{${b}} ${a}`),
        differs(`\\log_{${base}} ${value + 1n}`, `${exponent}`),
        eitherWay(draw, differs(`\\ln \\frac{${b}}{${a}}`, `\\ln \\frac{${a}}{${b}}`)),
      ]
    }),
}

export const logarithmsOfLetters: Family = {
  name: 'logarithms of letters',
  pairs: (draw) =>
    repeat(10, () => {
      const [factor, power] = [draw.int(2, 20), draw.int(2, 9)]
      const x = draw.pick(['x', 'y', 't', 'n'])
      return [
        same(`\\ln(${factor}${x})`, `\\ln ${x} + \\ln ${factor}`),
        same(`e^{${power} \\ln ${x}}`, `${x}^{${power}}`),
        same(`\\frac{\\ln ${x}}{\\ln ${factor}}`, `\\log_{${factor}} ${x}`),
        differs(`\\ln(${x} + ${factor})`, `\\ln ${x} + \\ln ${factor}`),
        differs(`\\ln(${factor}${x})`, `${factor}\\ln ${x}`),
      ]
    }),
}
