import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { plus, ratio, times } from '../ratio.js'
import { drawFraction, plain } from '../spell.js'

const digitsOfPi = '3.14159265358979323846264338327950288419716939937510'
const digitsOfE = '2.71828182845904523536028747135266249775724709369995'

export const multiplesOfPi: Family = {
  name: 'multiples of π',
  pairs: (draw) =>
    repeat(18, () => {
      const value = drawFraction(draw, 30)
      const { top, bottom } = value
      const pi = draw.pick(['\\pi', 'π', ' \\pi ', '{\\pi}'])
      const head = top === 1n ? '' : top === -1n ? '-' : `${top}`
      const ways = [
        `\\frac{${head}${pi}}{${bottom}}`,
        `\\frac{${top}}{${bottom}}${pi}`,
        `${head}${pi}/${bottom}`,
        `${plain(value)} \\cdot ${pi}`,
        `${pi} \\cdot (${plain(value)})`,
        `(${top}/${bottom})${pi}`,
      ]
      const other = plus(value, ratio(draw.pick([1, -1]), draw.int(2, 500)))
      return [
        same(draw.pick(ways), draw.pick(ways)),
        differs(draw.pick(ways), `${plain(other)}\\pi`),
        differs(`${plain(times(value, ratio(22, 7)))}`, draw.pick(ways)),
        eitherWay(draw, differs(plain(value), draw.pick(ways))),
      ]
    }),
}

export const nearlyPi: Family = {
  name: 'numbers near π and e',
  hasDirection: true,
  pairs: (draw) => [
    ...['\\frac{22}{7}', '22/7', '3\\frac{1}{7}', '\\frac{355}{113}', '\\frac{103993}{33102}'].flatMap((near) =>
      ['\\pi', 'π', '2\\pi - \\pi'].map((pi) => eitherWay(draw, differs(near, pi))),
    ),
    ...repeat(48, (index) => [
      differs(digitsOfPi.slice(0, index + 4), '\\pi'),
      differs(digitsOfE.slice(0, index + 4), draw.pick(['e', '\\mathrm{e}', '\\exp(1)', 'e^{1}'])),
    ]),
  ],
}

export const powersOfE: Family = {
  name: 'powers of e',
  pairs: (draw) =>
    repeat(15, () => {
      const [a, b] = [draw.int(1, 9), draw.int(1, 9)]
      return [
        same(`e^{${a}} \\cdot e^{${b}}`, draw.pick([`e^{${a + b}}`, `\\exp(${a + b})`, `\\mathrm{e}^{${a + b}}`])),
        same(`\\frac{1}{e^{${a}}}`, `e^{-${a}}`),
        differs(`e^{${a}} + e^{${b}}`, `e^{${a + b}}`),
        differs(`e^{${a}}`, `e^{-${a}}`),
      ]
    }),
}

export const infinities: Family = {
  name: 'infinity and merely large numbers',
  pairs: (draw) => [
    ...['+\\infty', '∞', '+∞', '{\\infty}', '\\infty'].map((way) => eitherWay(draw, same(way, '\\infty'))),
    same('-∞', '-\\infty'),
    eitherWay(draw, differs('-\\infty', '\\infty')),
    ...['10^{1000}', '10^{100}', '9^{9^{4}}', '1000!', '10^{308}', '2^{1024}', '0', '1', '-1'].map((large) =>
      eitherWay(draw, differs(large, '\\infty')),
    ),
    ...repeat(12, () => [eitherWay(draw, differs(`${draw.digits(draw.int(200, 1200))}`, draw.pick(['\\infty', '∞'])))]),
  ],
}
