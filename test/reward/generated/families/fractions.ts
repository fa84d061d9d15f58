import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { isEqual, minus, plus, ratio, times } from '../ratio.js'
import { drawFraction, plain, spellRatio } from '../spell.js'

export const fractions: Family = {
  name: 'fractions of every spelling',
  pairs: (draw) =>
    repeat(33, () => {
      const value = drawFraction(draw)
      const other = plus(value, ratio(draw.pick([1, -1]), draw.int(2, 1000)))
      return [
        same(spellRatio(draw, value), spellRatio(draw, value)),
        eitherWay(draw, differs(spellRatio(draw, other), spellRatio(draw, value))),
        differs(spellRatio(draw, times(value, ratio(-1))), spellRatio(draw, value)),
      ]
    }),
}

export const upsideDown: Family = {
  name: 'fractions upside down',
  pairs: (draw) =>
    repeat(15, () => {
      const value = drawFraction(draw)
      const turned = ratio(value.bottom, value.top)
      return isEqual(value, turned) ? [] : [differs(spellRatio(draw, turned), spellRatio(draw, value))]
    }),
}

export const arithmetic: Family = {
  name: 'arithmetic that is left to do',
  pairs: (draw) =>
    repeat(15, () => {
      const [a, b, c] = [drawFraction(draw, 15), drawFraction(draw, 15), drawFraction(draw, 15)]
      const value = minus(plus(a, times(b, c)), b)
      const written = `${plain(a)} + (${plain(b)}) ${draw.pick(['\\cdot', '\\times', '*'])} (${plain(c)}) - (${plain(b)})`
      return [
        same(written, plain(value)),
        differs(written, plain(plus(value, ratio(1, draw.int(1, 99))))),
        differs(written, plain(minus(plus(a, times(b, c)), times(b, ratio(-1))))),
      ]
    }),
}

export const nestedFractions: Family = {
  name: 'fractions of fractions',
  pairs: (draw) =>
    repeat(12, () => {
      const [a, b] = [drawFraction(draw, 20), drawFraction(draw, 20)]
      const value = ratio(a.top * b.bottom, a.bottom * b.top)
      const written = `\\frac{${plain(a)}}{${plain(b)}}`
      return [
        same(written, plain(value)),
        same(`\\cfrac{1}{1+\\cfrac{1}{${plain(ratio(b.bottom ** 2n + 1n))}}}`, plain(continued(b.bottom ** 2n + 1n))),
        differs(written, plain(times(value, ratio(-1)))),
        differs(written, plain(plus(value, ratio(1)))),
      ]
    }),
}

/** 1/(1 + 1/n) = n/(n + 1). */
const continued = (n: bigint) => ratio(n, n + 1n)

export const mixedNumbers: Family = {
  name: 'mixed numbers',
  pairs: (draw) =>
    repeat(18, () => {
      const [whole, bottom] = [draw.int(1, 40), draw.int(2, 16)]
      const top = draw.int(1, bottom - 1)
      const sign = draw.pick([1, -1])
      const value = ratio(sign * (whole * bottom + top), bottom)
      const minusSign = sign < 0 ? '-' : ''
      const mixed = draw.pick([
        `${minusSign}${whole}\\frac{${top}}{${bottom}}`,
        `${minusSign}${whole} \\tfrac{${top}}{${bottom}}`,
        `${minusSign}${whole}\\,\\dfrac{${top}}{${bottom}}`,
        `${minusSign}${whole} ${top}/${bottom}`,
      ])
      return [
        eitherWay(draw, same(mixed, spellRatio(draw, value))),
        eitherWay(draw, differs(mixed, `${minusSign}\\frac{${top}}{${bottom}}`)),
        differs(mixed, plain(ratio(sign * whole * top, bottom))),
        differs(mixed, plain(ratio(sign * whole * bottom - sign * top, bottom))),
      ]
    }),
}

const signs = [
  ['½', ratio(1, 2)],
  ['⅓', ratio(1, 3)],
  ['⅔', ratio(2, 3)],
  ['¼', ratio(1, 4)],
  ['¾', ratio(3, 4)],
  ['⅕', ratio(1, 5)],
  ['⅖', ratio(2, 5)],
  ['⅙', ratio(1, 6)],
  ['⅛', ratio(1, 8)],
  ['⅞', ratio(7, 8)],
] as const

export const fractionSigns: Family = {
  name: 'fractions of a single sign',
  pairs: (draw) =>
    signs.flatMap(([sign, value]) => {
      const whole = draw.int(1, 30)
      const mixed = plus(value, ratio(whole))
      return [
        eitherWay(draw, same(sign, spellRatio(draw, value))),
        eitherWay(draw, same(`${whole}${sign}`, spellRatio(draw, mixed))),
        eitherWay(draw, differs(`${whole}${sign}`, sign)),
        differs(`${whole}${sign}`, plain(times(value, ratio(whole)))),
        differs(`-${whole}${sign}`, plain(minus(value, ratio(whole)))),
      ]
    }),
}
