import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { fixedPoint, ratio } from '../ratio.js'
import { grouped, spellInteger, spellRatio } from '../spell.js'

export const percentages: Family = {
  name: 'percentages',
  pairs: (draw) =>
    repeat(21, () => {
      const places = draw.int(0, 2)
      const units = BigInt(draw.int(1, 300) * 10 ** places + draw.int(0, 10 ** places - 1))
      const number = fixedPoint(units, places)
      const value = ratio(units, 10n ** BigInt(places + 2))
      const percent = draw.pick([`${number}\\%`, `${number}%`, `${number} \\%`, `${number}\\text{ percent}`])
      return [
        same(percent, draw.pick([`${number}\\%`, `${number} percent`])),
        eitherWay(draw, same(percent, draw.pick([fixedPoint(units, places + 2), spellRatio(draw, value)]))),
        eitherWay(draw, differs(percent, number)),
        differs(percent, `${fixedPoint(units + 1n, places)}\\%`),
      ]
    }),
}

/** Every spelling in a row means the same unit; no two rows do. */
const units = [
  ['cm', 'centimeters', 'centimetres'],
  ['m', 'meters', 'metres'],
  ['km', 'kilometers'],
  ['inches', 'inch'],
  ['feet', 'ft'],
  ['miles', 'mile'],
  ['kg', 'kilograms'],
  ['grams', 'g'],
  ['seconds', 'second'],
  ['minutes', 'minute'],
  ['hours', 'hour'],
  ['days', 'day'],
  ['liters', 'litres'],
  ['cm^2', 'square centimeters'],
  ['cm^3', 'cubic centimeters'],
  ['m^2', 'square meters'],
] as const

/** A number and its unit. A lone letter without \text would be a variable. */
function amount(draw: Draw, number: string, unit: string): string {
  const [name, power] = unit.split('^')
  if (power !== undefined) return `${number}\\text{ ${name}}^${draw.pick([power, `{${power}}`])}`
  const ways = [`${number}\\text{ ${unit}}`, `${number}\\,\\text{${unit}}`, `${number}\\textrm{ ${unit}}`]
  if (!unit.includes(' ')) ways.push(`${number} \\mathrm{${unit}}`)
  if (unit.length > 1) ways.push(`${number} ${unit}`)
  return draw.pick(ways)
}

export const quantities: Family = {
  name: 'numbers with units',
  pairs: (draw) =>
    repeat(24, (index) => {
      const row = units[index % units.length] ?? units[0]
      const other = units[(index + draw.int(1, units.length - 1)) % units.length] ?? units[0]
      const value = draw.int(2, 4000)
      const written = amount(draw, spellInteger(draw, value), draw.pick(row))
      return [
        same(written, amount(draw, `${value}`, draw.pick(row))),
        eitherWay(draw, same(written, `${value}`)),
        differs(written, amount(draw, `${value}`, draw.pick(other))),
        differs(written, amount(draw, `${value + 1}`, draw.pick(row))),
      ]
    }),
}

export const money: Family = {
  name: 'money',
  pairs: (draw) =>
    repeat(18, () => {
      const cents = BigInt(draw.int(101, 99_999_999))
      const number = fixedPoint(cents, 2)
      const [whole = '', rest = ''] = number.split('.')
      const long = `${grouped(BigInt(whole), draw.pick([',', '{,}']))}.${rest}`
      const sum = draw.pick([`\\$${long}`, `\\$ ${number}`, `${long}\\text{ dollars}`, `$${long}`, `${number} dollars`])
      return [
        same(sum, draw.pick([`\\$${number}`, number, `${number}\\text{ dollars}`])),
        differs(sum, `\\$${fixedPoint(cents + 1n, 2)}`),
        differs(sum, draw.pick([`${number}\\text{ cents}`, `${number}\\text{ euros}`])),
      ]
    }),
}

export const degrees: Family = {
  name: 'degrees',
  pairs: (draw) =>
    repeat(15, () => {
      const angle = draw.int(1, 359)
      const written = draw.pick([`${angle}^\\circ`, `${angle}^{\\circ}`, `${angle}°`, `${angle}\\text{ degrees}`])
      return [
        same(written, draw.pick([`${angle}^\\circ`, `${angle} degrees`])),
        eitherWay(draw, same(written, `${angle}`)),
        eitherWay(draw, differs(written, `${angle + draw.pick([1, 10, 360])}^\\circ`)),
        differs(written, `${angle}\\%`),
      ]
    }),
}
