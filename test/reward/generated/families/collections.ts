import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { isEqual, plus, type Ratio, ratio } from '../ratio.js'
import { drawNumber, plain, spellNumber } from '../spell.js'

/** Numbers of which no two are equal. */
function entries(draw: Draw, count: number): Ratio[] {
  const list: Ratio[] = []
  while (list.length < count) {
    const value = drawNumber(draw, 30)
    if (!list.some((other) => isEqual(other, value))) list.push(value)
  }
  return list
}

const spelled = (draw: Draw, list: readonly Ratio[]): string =>
  list.map((value) => spellNumber(draw, value)).join(draw.pick([', ', ',\\ ', ',\\, ', ' , ']))

/** The list with one entry moved to a value that is nowhere in it. */
function withOneChanged(draw: Draw, list: readonly Ratio[]): Ratio[] {
  const index = draw.int(0, list.length - 1)
  return list.map((value, place) => (place === index ? plus(value, ratio(100, draw.pick([1, 3]))) : value))
}

const tuple = (draw: Draw, list: readonly Ratio[]): string =>
  draw.isHeads() ? `(${spelled(draw, list)})` : `\\left( ${spelled(draw, list)} \\right)`

export const tuples: Family = {
  name: 'tuples in order',
  pairs: (draw) =>
    repeat(24, () => {
      const list = entries(draw, draw.int(2, 5))
      const names = ['x', 'y', 'z', 'u', 'v'].slice(0, list.length).join(', ')
      return [
        same(tuple(draw, list), tuple(draw, list)),
        eitherWay(draw, same(`(${names}) = ${tuple(draw, list)}`, tuple(draw, list))),
        eitherWay(draw, differs(tuple(draw, draw.reordered(list)), tuple(draw, list))),
        differs(tuple(draw, withOneChanged(draw, list)), tuple(draw, list)),
        eitherWay(draw, differs(tuple(draw, [...list, ratio(77)]), tuple(draw, list))),
      ]
    }),
}

const set = (draw: Draw, list: readonly Ratio[]): string =>
  draw.isHeads() ? `\\{${spelled(draw, list)}\\}` : `\\left\\{ ${spelled(draw, list)} \\right\\}`

export const sets: Family = {
  name: 'sets in any order',
  pairs: (draw) =>
    repeat(21, () => {
      const list = entries(draw, draw.int(2, 6))
      return [
        same(set(draw, draw.shuffled(list)), set(draw, list)),
        eitherWay(draw, same(set(draw, draw.shuffled(list)), spelled(draw, list))),
        eitherWay(draw, differs(set(draw, list.slice(1)), set(draw, list))),
        differs(set(draw, withOneChanged(draw, draw.shuffled(list))), set(draw, list)),
      ]
    }),
}

export const emptySets: Family = {
  name: 'the empty set',
  pairs: (draw) => [
    ...['\\emptyset', '\\varnothing', '\\{\\}', '\\{ \\}', '∅', '\\left\\{\\right\\}'].map((way) =>
      eitherWay(draw, same(way, '\\emptyset')),
    ),
    ...['0', '\\{0\\}', '\\{1, 2\\}', '1'].map((way) => eitherWay(draw, differs(way, '\\emptyset'))),
  ],
}

/** Entries joined as prose joins them. */
function prose(draw: Draw, list: readonly Ratio[]): string {
  const parts = list.map((value) => spellNumber(draw, value))
  const [head, last] = [parts.slice(0, -1).join(', '), parts[parts.length - 1]]
  const and = draw.pick(['and', 'or'])
  return draw.pick([`${head} \\text{ ${and} } ${last}`, `${head}, \\text{${and} } ${last}`, `${head} ${and} ${last}`])
}

export const lists: Family = {
  name: 'lists in any order',
  pairs: (draw) =>
    repeat(21, () => {
      const list = entries(draw, draw.int(2, 5))
      const named = draw.shuffled(list).map((value) => `x = ${plain(value)}`)
      return [
        same(spelled(draw, draw.shuffled(list)), spelled(draw, list)),
        eitherWay(draw, same(prose(draw, draw.shuffled(list)), spelled(draw, list))),
        same(named.join(draw.pick([', ', ' \\text{ or } '])), spelled(draw, list)),
        eitherWay(draw, differs(spelled(draw, list.slice(1)), spelled(draw, list))),
        differs(spelled(draw, withOneChanged(draw, list)), spelled(draw, list)),
      ]
    }),
}

export const listsOfTuples: Family = {
  name: 'lists of tuples, in any order outside and in order inside',
  pairs: (draw) =>
    repeat(12, () => {
      const points = Array.from({ length: draw.int(2, 4) }, (_, index) => [
        ratio(40 + index),
        ...entries(draw, draw.int(1, 2)),
      ])
      const write = (list: readonly (readonly Ratio[])[]): string => list.map((point) => tuple(draw, point)).join(', ')
      const turned = points.map((point, index) => (index === 0 ? [...point].reverse() : point))
      return [
        same(write(draw.shuffled(points)), write(points)),
        eitherWay(draw, same(`\\{${write(draw.shuffled(points))}\\}`, write(points))),
        differs(write(turned), write(points)),
        eitherWay(draw, differs(write(points.slice(1)), write(points))),
      ]
    }),
}

export const plusMinus: Family = {
  name: 'plus or minus, and the two values',
  pairs: (draw) =>
    repeat(18, () => {
      const [a, b, n] = [draw.int(1, 20), draw.int(1, 20), draw.pick([2, 3, 5, 6, 7, 10, 13])]
      const root = `\\sqrt{${n}}`
      const sign = draw.pick(['\\pm', '\\pm ', '±'])
      const signBefore = draw.pick(['\\pm ', '±'])
      const half = `\\frac{${a} \\pm ${root}}{2}`
      return [
        same(`${signBefore}${b}`, draw.pick([`${b}, -${b}`, `-${b}, ${b}`, `\\{-${b}, ${b}\\}`])),
        eitherWay(draw, same(`${a} ${sign}${root}`, `${a} - ${root}, ${a} + ${root}`)),
        same(half, `\\frac{${a}}{2} + \\frac{${root}}{2}, \\frac{${a} - ${root}}{2}`),
        same(`x = ${a} ${sign} ${b}`, `x = ${a + b} \\text{ or } x = ${a - b}`),
        eitherWay(draw, differs(`${signBefore}${b}`, `${b}`)),
        eitherWay(draw, differs(`${a} + ${root}`, `${a} ${sign} ${root}`)),
        differs(`${a} ${sign} ${root}`, `${a + 1} \\pm ${root}`),
        differs(half, `${a} \\pm \\frac{${root}}{2}`),
        differs(`-${a} \\pm ${root}`, `${a} \\pm ${root}`),
      ]
    }),
}
