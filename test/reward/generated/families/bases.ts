import { differs, eitherWay, type Family, repeat, same } from '../pair.js'

const names: Record<number, string> = { 2: 'two', 3: 'three', 5: 'five', 7: 'seven', 8: 'eight', 9: 'nine' }

export const numberBases: Family = {
  name: 'numbers in other bases',
  pairs: (draw) =>
    repeat(21, () => {
      const base = draw.pick(Object.keys(names).map(Number))
      const value = draw.int(base * base, base ** 9)
      const other = draw.pick(
        Object.keys(names)
          .map(Number)
          .filter((candidate) => candidate > base)
          .concat(10),
      )
      const digits = value.toString(base)
      const written = draw.pick([
        `${digits}_${base}`,
        `${digits}_{${base}}`,
        `(${digits})_{${base}}`,
        `${digits}_{\\text{${names[base]}}}`,
        `{${digits}}_{${base}}`,
      ])
      return [
        eitherWay(draw, same(written, `${digits}_{${base}}`)),
        differs(`${(value + draw.pick([1, -1])).toString(base)}_{${base}}`, written),
        eitherWay(draw, differs(`${digits}_{${other}}`, written)),
        differs(`${digits}0_{${base}}`, written),
      ]
    }),
}
