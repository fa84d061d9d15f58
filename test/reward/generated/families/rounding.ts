import { differs, type Family, repeat, same } from '../pair.js'
import { floorOf, plus, ratio, times } from '../ratio.js'
import { drawFraction, plain } from '../spell.js'

export const absoluteValues: Family = {
  name: 'absolute values',
  pairs: (draw) =>
    repeat(15, () => {
      const value = drawFraction(draw)
      const positive = value.top < 0n ? times(value, ratio(-1)) : value
      const negative = times(positive, ratio(-1))
      const written = draw.pick([
        `|${plain(negative)}|`,
        `\\left|${plain(negative)}\\right|`,
        `\\lvert ${plain(negative)} \\rvert`,
        `|{${plain(negative)}}|`,
      ])
      const n = draw.int(2, 30)
      return [
        same(written, plain(positive)),
        same(`\\left|${n} - |${-n - 3}|\\right| + |-${n}|`, `${n + 3}`),
        same(`|x - ${n}|`, `|${n} - x|`),
        differs(written, plain(negative)),
        differs(`|x - ${n}|`, `x - ${n}`),
        differs(`|x - ${n}|`, `|x + ${n}|`),
      ]
    }),
}

export const floors: Family = {
  name: 'floors and ceilings',
  pairs: (draw) =>
    repeat(15, () => {
      const value = drawFraction(draw, 900)
      const floor = floorOf(value)
      const brackets = draw.pick([
        ['\\lfloor', '\\rfloor'],
        ['\\left\\lfloor', '\\right\\rfloor'],
      ] as const)
      const written = `${brackets[0]} ${plain(value)} ${brackets[1]}`
      const ceiling = `\\lceil ${plain(value)} \\rceil`
      const whole = ratio(draw.int(2, 99))
      return [
        same(written, `${floor}`),
        same(ceiling, `${floor + 1n}`),
        same(`\\lfloor ${plain(plus(value, whole))} \\rfloor - ${whole.top}`, `${floor}`),
        same(`\\lfloor ${whole.top} \\rfloor`, `${whole.top}`),
        differs(written, `${floor + 1n}`),
        differs(ceiling, `${floor}`),
        differs(written, plain(value)),
      ]
    }),
}
