// Units: which spellings name the same one, and how units of one dimension compare.
import { integer, over, type Rational, ratio, times } from './rational.js'

export interface Unit {
  /** Equal for units that measure the same thing; a word that is no known unit measures itself. */
  dimension: string
  /** How many of the dimension's base unit. */
  factor: Rational
}

type Row = readonly [dimension: string, factor: string, ...spellings: string[]]

const table: readonly Row[] = [
  ['length', '1', 'm', 'meter', 'metre'],
  ['length', '1/100', 'cm', 'centimeter', 'centimetre'],
  ['length', '1/1000', 'mm', 'millimeter', 'millimetre'],
  ['length', '1/10', 'dm', 'decimeter', 'decimetre'],
  ['length', '1000', 'km', 'kilometer', 'kilometre'],
  ['length', '127/5000', 'in', 'inch', 'inches'],
  ['length', '381/1250', 'ft', 'foot', 'feet'],
  ['length', '1143/1250', 'yd', 'yard'],
  ['length', '201168/125', 'mi', 'mile'],
  ['time', '1', 's', 'sec', 'second'],
  ['time', '60', 'min', 'minute'],
  ['time', '3600', 'h', 'hr', 'hour'],
  ['time', '86400', 'day'],
  ['time', '604800', 'week'],
  ['year', '1', 'yr', 'year'],
  ['year', '1/12', 'month'],
  ['mass', '1', 'g', 'gram'],
  ['mass', '1/1000', 'mg', 'milligram'],
  ['mass', '1000', 'kg', 'kilogram'],
  ['mass', '45359237/100000', 'lb', 'lbs', 'pound'],
  ['mass', '45359237/1600000', 'oz', 'ounce'],
  ['volume', '1', 'l', 'liter', 'litre'],
  ['volume', '1/1000', 'ml', 'milliliter', 'millilitre'],
  ['gallon', '1', 'gal', 'gallon'],
  ['dollar', '1', '$', 'dollar', 'usd', 'buck'],
  ['dollar', '1/100', '¢', 'cent'],
  ['euro', '1', '€', 'euro', 'eur'],
  ['pound sterling', '1', '£', 'gbp'],
  ['yuan', '1', '¥', 'yuan', 'rmb'],
  ['rupee', '1', '₹', 'rupee'],
  ['speed', '1', 'mph'],
  ['angle', '1', '°', 'degree', 'deg'],
  ['angle', '1/60', 'arcminute'],
  ['radian', '1', 'rad', 'radian'],
  ['unit', '1', 'unit', 'square unit', 'sq unit', 'cubic unit', 'cu unit', 'unit^2', 'unit^3', 'sq. unit'],
]

const known = new Map<string, Unit>(
  table.flatMap(([dimension, factor, ...spellings]) => {
    const [top = '1', bottom = '1'] = factor.split('/')
    return spellings.map((spelling) => [spelling, { dimension, factor: ratio(BigInt(top), BigInt(bottom)) }] as const)
  }),
)

/** Words that say how a number is meant and measure nothing. */
const fillers = /\b(?:the|a|an|of|in|about|exactly|approximately|total|approx|per|each)\b/g

/** Does a bare word after a number name a unit? Single letters do not: 5m may be a product. */
export function isUnitWord(word: string): boolean {
  if (word.length < 2) return false
  return lookUp(word.toLowerCase()) !== undefined
}

const read = new Map<string, Unit>()

/** Reads `cm`, `cm^2`, `square feet`, `km/h`, `dollars`, and any other words as a unit of their own. */
export function unitOf(text: string): Unit {
  const seen = read.get(text)
  if (seen !== undefined) return seen
  const unit = readUnit(text)
  if (read.size < 1000) read.set(text, unit)
  return unit
}

function readUnit(text: string): Unit {
  const spelling = text
    .toLowerCase()
    .replaceAll(/[{}~\s]+/g, ' ')
    .trim()
    .replace(/[.,;:]+$/, '')
  const direct = lookUp(spelling)
  if (direct !== undefined) return direct
  const [upper = '', lower, ...more] = spelling.split(/\s*\/\s*|\s+per\s+/)
  if (lower !== undefined && more.length === 0) {
    const [a, b] = [readUnit(upper), readUnit(lower)]
    return { dimension: `${a.dimension} per ${b.dimension}`, factor: over(a.factor, b.factor) }
  }
  return readPower(spelling) ?? { dimension: tidy(spelling), factor: integer(1) }
}

/** cm^2, cm 2, square cm and cubic cm. */
function readPower(spelling: string): Unit | undefined {
  const raised = /^(.+?)\s*\^?\s*([23])$/.exec(spelling)
  const worded = /^(square|sq\.?|cubic|cu\.?)\s+(.+)$/.exec(spelling)
  const power = raised !== null ? Number(raised[2]) : worded?.[1]?.startsWith('s') === true ? 2 : 3
  const base = lookUp((raised?.[1] ?? worded?.[2] ?? '').trim())
  if (base === undefined) return undefined
  const factor = power === 2 ? times(base.factor, base.factor) : times(times(base.factor, base.factor), base.factor)
  return { dimension: `${base.dimension}^${power}`, factor }
}

function lookUp(word: string): Unit | undefined {
  return known.get(word) ?? (word.length > 2 && word.endsWith('s') ? known.get(word.slice(0, -1)) : undefined)
}

function tidy(words: string): string {
  const kept = words.replaceAll(fillers, ' ').replaceAll(/\s+/g, ' ').trim()
  return kept
    .split(' ')
    .map((word) => (word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word))
    .join(' ')
}
