import type { Draw } from './draw.js'
import { type Ratio, ratio } from './ratio.js'

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value)

/** Digits in groups of three with the separator between them. */
export const grouped = (value: bigint | number, separator: string): string =>
  (value < 0 ? '-' : '') + String(magnitude(BigInt(value))).replace(/\B(?=(\d{3})+$)/g, () => separator)

/** One of the ways to write a whole number. */
export function spellInteger(draw: Draw, value: bigint | number): string {
  const ways = [
    `${value}`,
    `${value}.0`,
    `(${value})`,
    `{${value}}`,
    grouped(value, ','),
    grouped(value, '{,}'),
    grouped(value, ',\\!'),
    grouped(value, '\\,'),
    grouped(value, ' '),
    `${value}`.replace('-', '−'),
  ]
  return draw.pick(ways)
}

/** One of the ways to write a fraction, in lowest terms or not. */
export function spellRatio(draw: Draw, value: Ratio): string {
  const factor = draw.pick([1n, 1n, 2n, 3n, 7n])
  const [top, bottom] = [value.top * factor, value.bottom * factor]
  const sign = top < 0n ? '-' : ''
  const ways = [
    `\\frac{${top}}{${bottom}}`,
    `\\dfrac{${top}}{${bottom}}`,
    `\\tfrac{${top}}{${bottom}}`,
    `\\cfrac{${top}}{${bottom}}`,
    `\\frac{${-top}}{${-bottom}}`,
    `${sign}\\frac{${magnitude(top)}}{${bottom}}`,
    `${sign}\\dfrac {${magnitude(top)}} {${bottom}}`,
    `${top}/${bottom}`,
    `(${top})/(${bottom})`,
    `${sign}(${magnitude(top)}/${bottom})`,
    `{${top} \\over ${bottom}}`,
    `${top} \\div ${bottom}`,
    `\\left(\\frac{${top}}{${bottom}}\\right)`,
  ]
  if (magnitude(top) < 10n && bottom < 10n) ways.push(`${sign}\\frac${magnitude(top)}${bottom}`)
  return draw.pick(ways)
}

/** A number in a plain spelling that stands anywhere: `-3`, `\frac{1}{2}`. */
export function plain({ top, bottom }: Ratio): string {
  if (bottom === 1n) return `${top}`
  return top < 0n ? `-\\frac{${-top}}{${bottom}}` : `\\frac{${top}}{${bottom}}`
}

/** A small fraction that is no whole number. */
export function drawFraction(draw: Draw, limit = 60): Ratio {
  for (;;) {
    const value = ratio(draw.intBut(-limit, limit, 0), draw.int(2, limit))
    if (value.bottom > 1n) return value
  }
}

/** A small number, whole half of the time. */
export const drawNumber = (draw: Draw, limit = 12): Ratio =>
  draw.isHeads() ? ratio(draw.int(-limit, limit)) : drawFraction(draw, limit)

/** The number in one of its spellings. */
export const spellNumber = (draw: Draw, value: Ratio): string =>
  value.bottom === 1n ? draw.pick([`${value.top}`, `{${value.top}}`]) : spellRatio(draw, value)

/** `+ 3`, `- 3`: a term that follows another. */
export const signed = (value: bigint | number): string => (value < 0 ? `- ${-BigInt(value)}` : `+ ${value}`)

const gaps = ['', '', ' ', '  ', '\\,', '\\ ', '~']

/** Other gaps around separators and signs, which mean nothing in mathematics. A comma never comes to part thousands. */
export const respaced = (draw: Draw, text: string): string =>
  text.replace(/(?<!\\not) ?(\\cup|<=|>=|!=|[=<>+]|(?<=\d )-) ?/g, (_, sign: string) => {
    const isName = sign.startsWith('\\')
    return `${draw.pick(gaps)}${sign}${isName ? ' ' : draw.pick(gaps)}`
  })
