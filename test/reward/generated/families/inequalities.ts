import type { Draw } from '../draw.js'
import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { plus, type Ratio, ratio, times } from '../ratio.js'
import { drawNumber, plain, spellNumber } from '../spell.js'

type Sign = 'less' | 'atMost' | 'greater' | 'atLeast'

const spellings: Record<Sign, readonly string[]> = {
  less: ['<', '\\lt '],
  atMost: ['\\le ', '\\leq ', '\\leqslant ', '≤', '<='],
  greater: ['>', '\\gt '],
  atLeast: ['\\ge ', '\\geq ', '\\geqslant ', '≥', '>='],
}
const turned: Record<Sign, Sign> = { less: 'greater', atMost: 'atLeast', greater: 'less', atLeast: 'atMost' }
const loosened: Record<Sign, Sign> = { less: 'atMost', atMost: 'less', greater: 'atLeast', atLeast: 'greater' }

/** `left sign right`, read from either end. */
function relation(draw: Draw, left: string, sign: Sign, right: string): string {
  if (draw.isHeads()) return `${left} ${draw.pick(spellings[sign])} ${right}`
  return `${right} ${draw.pick(spellings[turned[sign]])} ${left}`
}

/** The half line as an interval. */
function halfLine(sign: Sign, bound: string): string {
  if (sign === 'less') return `(-\\infty, ${bound})`
  if (sign === 'atMost') return `(-\\infty, ${bound}]`
  return sign === 'greater' ? `(${bound}, \\infty)` : `[${bound}, \\infty)`
}

const nudged = (draw: Draw, value: Ratio): Ratio => plus(value, ratio(draw.pick([1, -1]), draw.pick([1, 3, 10])))
const signs: readonly Sign[] = ['less', 'atMost', 'greater', 'atLeast']

export const inequalities: Family = {
  name: 'inequalities, both ways round',
  pairs: (draw) =>
    repeat(24, () => {
      const [sign, value] = [draw.pick(signs), drawNumber(draw, 30)]
      const x = draw.pick(['x', 'k', 'a', 'm', 't'])
      const gold = `${x} ${draw.pick(spellings[sign])} ${plain(value)}`
      const factor = draw.int(2, 6)
      const scaled = plain(times(value, ratio(factor)))
      const opposite = plain(times(value, ratio(-1)))
      return [
        same(relation(draw, x, sign, spellNumber(draw, value)), gold),
        same(relation(draw, `${factor}${x}`, sign, scaled), gold),
        same(relation(draw, `-${x}`, turned[sign], opposite), gold),
        differs(relation(draw, x, loosened[sign], plain(value)), gold),
        differs(relation(draw, x, turned[sign], plain(value)), gold),
        differs(relation(draw, x, sign, plain(nudged(draw, value))), gold),
      ]
    }),
}

export const chains: Family = {
  name: 'a letter between two bounds, and the interval',
  pairs: (draw) =>
    repeat(18, () => {
      const [first, second] = [draw.pick<Sign>(['less', 'atMost']), draw.pick<Sign>(['less', 'atMost'])]
      const low = drawNumber(draw, 20)
      const high = plus(low, ratio(draw.int(1, 30)))
      const x = draw.pick(['x', 'k', 'a', 't'])
      const write = (one: Sign, two: Sign, from: Ratio, to: Ratio): string =>
        draw.isHeads()
          ? `${plain(from)} ${draw.pick(spellings[one])} ${x} ${draw.pick(spellings[two])} ${plain(to)}`
          : `${plain(to)} ${draw.pick(spellings[turned[two]])} ${x} ${draw.pick(spellings[turned[one]])} ${plain(from)}`
      const open = first === 'less' ? '(' : '['
      const close = second === 'less' ? ')' : ']'
      const interval = `${open}${plain(low)}, ${plain(high)}${close}`
      const gold = write(first, second, low, high)
      return [
        same(write(first, second, low, high), gold),
        eitherWay(draw, same(gold, draw.pick([interval, `${x} \\in ${interval}`]))),
        differs(write(loosened[first], second, low, high), gold),
        differs(write(first, second, low, plus(high, ratio(1, draw.pick([1, 3])))), draw.pick([gold, interval])),
        differs(write(first, loosened[second], low, high), interval),
      ]
    }),
}

export const halfLines: Family = {
  name: 'inequalities and half lines',
  pairs: (draw) =>
    repeat(12, () => {
      const [sign, value] = [draw.pick(signs), drawNumber(draw, 30)]
      const written = relation(draw, 'x', sign, plain(value))
      return [
        eitherWay(draw, same(written, halfLine(sign, plain(value)))),
        same(`x \\in ${halfLine(sign, spellNumber(draw, value))}`, halfLine(sign, plain(value))),
        differs(written, halfLine(loosened[sign], plain(value))),
        differs(written, halfLine(turned[sign], plain(value))),
      ]
    }),
}

export const unequal: Family = {
  name: 'what a letter is not',
  pairs: (draw) =>
    repeat(10, () => {
      const value = drawNumber(draw, 30)
      const sign = draw.pick(['\\neq ', '\\ne ', '!=', '≠', '\\not= '])
      return [
        same(`x ${sign} ${spellNumber(draw, value)}`, `x \\neq ${plain(value)}`),
        same(`${plain(value)} ${sign} x`, `x \\neq ${plain(value)}`),
        differs(`x = ${plain(value)}`, `x \\neq ${plain(value)}`),
        differs(`x ${sign} ${plain(nudged(draw, value))}`, `x \\neq ${plain(value)}`),
      ]
    }),
}

export const inequalitiesInLetters: Family = {
  name: 'inequalities in two letters',
  pairs: (draw) =>
    repeat(15, () => {
      const sign = draw.pick(signs)
      const [a, b, c] = [draw.int(2, 9), draw.int(2, 9), draw.int(-20, 20)]
      const gold = `${a}x + ${b}y ${draw.pick(spellings[sign])} ${c}`
      return [
        same(relation(draw, `${b}y + ${a}x`, sign, `${c}`), gold),
        same(relation(draw, `${2 * a}x + ${2 * b}y`, sign, `${2 * c}`), gold),
        same(relation(draw, `${-a}x - ${b}y`, turned[sign], `${-c}`), gold),
        differs(relation(draw, `${a}x + ${b}y`, turned[sign], `${c}`), gold),
        differs(relation(draw, `${a}x + ${b}y`, loosened[sign], `${c}`), gold),
        differs(relation(draw, `${a}x - ${b}y`, sign, `${c}`), gold),
      ]
    }),
}
