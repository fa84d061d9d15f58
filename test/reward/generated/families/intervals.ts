import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { plus, type Ratio, ratio } from '../ratio.js'
import { drawFraction, drawNumber, plain, spellNumber } from '../spell.js'

/** A bound is undefined at infinity, where the end is open. */
interface Interval {
  low: Ratio | undefined
  high: Ratio | undefined
  hasLow: boolean
  hasHigh: boolean
}

function spell(draw: Draw, { low, high, hasLow, hasHigh }: Interval): string {
  const from = low === undefined ? '-\\infty' : spellNumber(draw, low)
  const to = high === undefined ? draw.pick(['\\infty', '+\\infty']) : spellNumber(draw, high)
  const isSized = draw.isHeads()
  const [left, right] = isSized ? ['\\left', '\\right'] : ['', '']
  return `${left}${hasLow ? '[' : '('}${from}, ${to}${right}${hasHigh ? ']' : ')'}`
}

/** Disjoint intervals from left to right with gaps between them. */
function drawIntervals(draw: Draw, count: number): Interval[] {
  let edge = drawNumber(draw, 20)
  return Array.from({ length: count }, (_, index) => {
    const low = plus(edge, ratio(draw.int(1, 9), draw.pick([1, 1, 2, 3])))
    const high = plus(low, ratio(draw.int(1, 9), draw.pick([1, 1, 2, 5])))
    edge = high
    const isFirst = index === 0 && draw.int(0, 3) === 0
    const isLast = index === count - 1 && draw.int(0, 3) === 0
    return {
      low: isFirst ? undefined : low,
      high: isLast && !isFirst ? undefined : high,
      hasLow: !isFirst && draw.isHeads(),
      hasHigh: !(isLast && !isFirst) && draw.isHeads(),
    }
  })
}

/** The interval with a bracket turned or a bound moved. */
function changed(draw: Draw, interval: Interval): Interval {
  const { low, high, hasLow, hasHigh } = interval
  const step = ratio(1, draw.pick([1, 2, 30]))
  const ways: Interval[] = []
  if (low !== undefined) ways.push({ ...interval, hasLow: !hasLow }, { ...interval, low: plus(low, ratio(-1, 20)) })
  if (high !== undefined) ways.push({ ...interval, hasHigh: !hasHigh }, { ...interval, high: plus(high, step) })
  return draw.pick(ways)
}

export const intervals: Family = {
  name: 'intervals with their brackets',
  pairs: (draw) =>
    repeat(30, () =>
      drawIntervals(draw, 1).flatMap((interval) => [
        same(spell(draw, interval), spell(draw, interval)),
        same(`x \\in ${spell(draw, interval)}`, spell(draw, interval)),
        eitherWay(draw, differs(spell(draw, changed(draw, interval)), spell(draw, interval))),
      ]),
    ),
}

const union = (draw: Draw, list: readonly Interval[]): string =>
  list.map((interval) => spell(draw, interval)).join(draw.pick([' \\cup ', '\\cup ', ' ∪ ']))

export const unions: Family = {
  name: 'unions of intervals',
  pairs: (draw) =>
    repeat(21, () => {
      const list = drawIntervals(draw, draw.int(2, 3))
      const index = draw.int(0, list.length - 1)
      const other = list.map((interval, place) => (place === index ? changed(draw, interval) : interval))
      const gold = union(draw, list)
      return [
        same(union(draw, draw.shuffled(list)), gold),
        eitherWay(draw, same(`x \\in ${union(draw, list)}`, gold)),
        differs(union(draw, other), gold),
        eitherWay(draw, differs(union(draw, list.slice(1)), gold)),
      ]
    }),
}

export const mergedUnions: Family = {
  name: 'unions that meet, overlap or leave a point out',
  pairs: (draw) =>
    repeat(15, () => {
      const [a, b, c, d] = draw.distinct(4, -30, 30).sort((one, two) => one - two) as [number, number, number, number]
      return [
        same(`[${a}, ${b}] \\cup (${b}, ${d})`, `[${a}, ${d})`),
        same(`(${a}, ${c}) \\cup (${b}, ${d}]`, `(${a}, ${d}]`),
        same(`(${a}, ${b}) \\cup \\{${b}\\}`, `(${a}, ${b}]`),
        differs(`(${a}, ${b}) \\cup (${b}, ${d})`, `(${a}, ${d})`),
        differs(`(${a}, ${b}) \\cup (${c}, ${d})`, `(${a}, ${d})`),
        differs(`(-\\infty, ${a}) \\cup (${a}, \\infty)`, '(-\\infty, \\infty)'),
      ]
    }),
}

export const endsOfOtherKinds: Family = {
  name: 'intervals whose ends are roots, multiples of π and fractions',
  pairs: (draw) =>
    repeat(15, () => {
      const [n, k] = [draw.pick([2, 3, 5, 7, 11]), draw.int(2, 6)]
      const value = drawFraction(draw, 9)
      const end = plain(plus(value, ratio(40)))
      return [
        same(`(-${k}\\sqrt{${n}}, ${end}]`, `(-\\sqrt{${k * k * n}}, ${end}]`),
        same(`[0, \\frac{\\pi}{${k}})`, `[0, \\pi/${k})`),
        differs(`[0, \\frac{\\pi}{${k}})`, `[0, \\frac{\\pi}{${k}}]`),
        differs(`(-${k}\\sqrt{${n}}, ${end}]`, `(${k}\\sqrt{${n}}, ${end}]`),
      ]
    }),
}
