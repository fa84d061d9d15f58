import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { grouped, spellInteger } from '../spell.js'

/** The same digits but for one, changed at a random place. */
function withOneDigitChanged(value: bigint, place: number, shift: number): bigint {
  const digits = [...String(value)]
  const index = place % digits.length
  const old = Number(digits[index])
  digits[index] = String(index === 0 ? 1 + ((old - 1 + (shift % 8) + 1) % 9) : (old + 1 + (shift % 9)) % 10)
  return BigInt(digits.join(''))
}

export const integers: Family = {
  name: 'integers with separators',
  pairs: (draw) =>
    repeat(27, () => {
      const value = draw.digits(draw.int(1, 12)) * (draw.isHeads() ? 1n : -1n)
      const other = value + BigInt(draw.intBut(-9, 9, 0))
      return [
        same(spellInteger(draw, value), spellInteger(draw, value)),
        differs(spellInteger(draw, other), spellInteger(draw, value)),
        differs(spellInteger(draw, -value), spellInteger(draw, value)),
      ]
    }),
}

export const largeIntegers: Family = {
  name: 'integers beyond 2^53 with one digit off',
  pairs: (draw) =>
    repeat(24, () => {
      const value = draw.digits(draw.int(16, 80))
      const other = withOneDigitChanged(value, draw.int(0, 1000), draw.int(0, 1000))
      return [
        same(grouped(value, draw.pick([',', '{,}', '\\,'])), `${value}`),
        eitherWay(draw, differs(spellInteger(draw, other), `${value}`)),
        differs(`${value / 10n}`, `${value}`),
      ]
    }),
}

export const separatorsThatAreNot: Family = {
  name: 'a comma with a gap, which parts two numbers',
  pairs: (draw) =>
    repeat(12, () => {
      const [thousands, rest] = [draw.int(1, 999), draw.int(100, 999)]
      return [
        differs(`${thousands}, ${rest}`, `${thousands}${rest}`),
        same(`${thousands},\\! ${rest}`, `${thousands}${rest}`),
        same(`${thousands}, ${rest}`, `${rest}, ${thousands}`),
      ]
    }),
}
