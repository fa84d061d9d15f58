import { differs, eitherWay, type Family, repeat, same } from '../pair.js'
import { ratio } from '../ratio.js'
import { drawFraction, plain, signed } from '../spell.js'

/** `- 3i`, `+ i`: the imaginary term after a real one. */
const imaginary = (value: number): string =>
  Math.abs(value) === 1 ? `${value < 0 ? '-' : '+'} i` : `${signed(value)}i`

/** a + bi with the real term first. */
const complex = (a: number, b: number): string => `${a} ${imaginary(b)}`

export const complexNumbers: Family = {
  name: 'complex numbers',
  pairs: (draw) =>
    repeat(21, () => {
      const [a, b] = [draw.intBut(-20, 20, 0), draw.intBut(-20, 20, 0)]
      const [c, d] = [draw.intBut(-9, 9, 0), draw.intBut(-9, 9, 0)]
      const [re, im] = [a * c - b * d, a * d + b * c]
      const norm = c * c + d * d
      const quotient = [ratio(a * c + b * d, norm), ratio(b * c - a * d, norm)] as const
      const turned = draw.pick([
        `${b}i ${signed(a)}`,
        `${b} \\cdot i ${signed(a)}`,
        `${a} + (${b})i`,
        `(${b})i + (${a})`,
      ])
      const z = complex(a, b)
      return [
        eitherWay(draw, same(turned, z)),
        same(`(${z})(${complex(c, d)})`, im === 0 ? `${re}` : complex(re, im)),
        same(`\\frac{${z}}{${complex(c, d)}}`, `${plain(quotient[0])} + (${plain(quotient[1])})i`),
        same(`\\frac{${a}}{${c}} + \\frac{${b}i}{${c}}`, `\\frac{${z}}{${c}}`),
        eitherWay(draw, differs(complex(a, -b), z)),
        differs(complex(-a, b), z),
        ...(a === b ? [] : [differs(complex(b, a), z)]),
        differs(`${a + b}`, z),
        differs(`(${z})(${complex(c, d)})`, `${re + 1} + (${im})i`),
      ]
    }),
}

export const powersOfI: Family = {
  name: 'powers of i and points of the unit circle',
  pairs: (draw) =>
    repeat(15, () => {
      const n = draw.int(1, 200)
      const values = ['1', 'i', '-1', '-i']
      const value = values[n % 4] ?? ''
      const angle = drawFraction(draw, 12)
      const theta = `${plain(angle)}\\pi`
      return [
        same(`i^{${n}}`, value),
        differs(`i^{${n}}`, values[(n + draw.int(1, 3)) % 4] ?? ''),
        same(`e^{(${theta})i}`, `\\cos(${theta}) + i\\sin(${theta})`),
        differs(`e^{(${theta})i}`, `\\cos(${theta}) - i\\sin(${theta})`),
      ]
    }),
}

export const moduli: Family = {
  name: 'moduli',
  pairs: (draw) =>
    repeat(12, () => {
      const [m, n] = [draw.int(2, 9), draw.int(1, 8)]
      if (m === n) return []
      const [a, b, c] = [m * m - n * n, 2 * m * n, m * m + n * n]
      return [
        same(`|${a} + ${b}i|`, `${c}`),
        same(`\\left|${b} - ${a}i\\right|`, `${c}`),
        same(`(${a} + ${b}i)(${a} - ${b}i)`, `${c * c}`),
        differs(`|${a} + ${b}i|`, `${a + b}`),
        differs(`|${a} + ${b}i|`, `${c + 1}`),
      ]
    }),
}
