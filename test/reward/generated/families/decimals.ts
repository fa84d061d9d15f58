import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { fixedPoint, plus, type Ratio, ratio, toPlaces } from '../ratio.js'
import { grouped, plain, spellRatio } from '../spell.js'

export const exactDecimals: Family = {
  name: 'decimals and the fractions they are exactly',
  pairs: (draw) =>
    repeat(24, () => {
      const places = draw.int(1, 6)
      const units = BigInt(draw.intBut(-99_999, 99_999, 0))
      const value = ratio(units, 10n ** BigInt(places))
      const decimal = fixedPoint(units, places)
      const bare = decimal.replace(/^(-?)0\./, '$1.')
      const other = fixedPoint(units + BigInt(draw.pick([1, -1])), places)
      return [
        eitherWay(draw, same(draw.pick([decimal, `${decimal}000`, bare]), spellRatio(draw, value))),
        same(bare, `${decimal}0`),
        eitherWay(draw, differs(other, decimal)),
        differs(other, plain(value)),
      ]
    }),
}

/** A fraction of at least a half whose decimals never end. */
function endless(draw: Draw): Ratio {
  const bottom = draw.pick([3, 6, 7, 9, 11, 12, 13, 17, 19, 21, 23, 27, 29, 31, 37, 99, 101])
  for (;;) {
    const value = ratio(draw.int(Math.ceil(bottom / 2), 5 * bottom), bottom)
    if (!toPlaces(value, 40).isExact) return value
  }
}

export const roundedAnswers: Family = {
  name: 'a rounded decimal where the gold is an exact fraction',
  hasDirection: true,
  pairs: (draw) =>
    repeat(27, () => {
      const value = endless(draw)
      const { text } = toPlaces(value, draw.int(1, 20))
      return [differs(text, spellRatio(draw, value))]
    }),
}

export const roundedGolds: Family = {
  name: 'a gold that is itself a rounded decimal, to the digits it gives',
  hasDirection: true,
  pairs: (draw) =>
    repeat(21, () => {
      const value = endless(draw)
      const places = draw.int(4, 9)
      const { text } = toPlaces(value, places)
      const away = plus(value, ratio(draw.pick([2, -2, 3, 7]), 10n ** BigInt(places)))
      return [
        same(spellRatio(draw, value), text),
        differs(spellRatio(draw, value), toPlaces(away, places).text),
        differs(spellRatio(draw, value), toPlaces(plus(value, ratio(1)), places).text),
      ]
    }),
}

export const repeatingDecimals: Family = {
  name: 'repeating decimals',
  hasDirection: true,
  pairs: (draw) =>
    repeat(12, () => {
      const [whole, start, length] = [draw.int(0, 9), draw.int(0, 9), draw.int(1, 4)]
      const block = String(draw.int(1, 10 ** length - 2)).padStart(length, '0')
      const tail = ratio(BigInt(block), 10 * (10 ** length - 1))
      const value = plus(plus(ratio(whole), ratio(start, 10)), tail)
      const written = `${whole}.${start}\\overline{${block}}`
      return [
        eitherWay(draw, same(written, spellRatio(draw, value))),
        differs(`${whole}.${start}${block}`, written),
        differs(written, plain(plus(value, ratio(1, 10 ** 6)))),
      ]
    }),
}

export const scientific: Family = {
  name: 'numbers times a power of ten',
  pairs: (draw) =>
    repeat(18, () => {
      const [places, power] = [draw.int(1, 4), draw.int(5, 14)]
      const units = BigInt(draw.int(11, 9999))
      const value = units * 10n ** BigInt(power - places)
      const factor = fixedPoint(units, places)
      const cross = draw.pick(['\\times', '\\cdot', '*', '×'])
      const exponent = draw.pick([`10^{${power}}`, `10^{ ${power} }`])
      return [
        same(`${factor} ${cross} ${exponent}`, grouped(value, draw.pick(['', ',']))),
        differs(`${factor} ${cross} 10^{${power + draw.pick([1, -1])}}`, `${value}`),
        same(`${units}${cross}10^{-${places}}`, factor),
        differs(`${factor} ${cross} 10^{-${power}}`, `${value}`),
      ]
    }),
}
