import { differs, eitherWay, type Family, repeat, same } from '../pair.js'

/** Exact values of the functions by degrees: sine, cosine, tangent. */
const table: readonly [degrees: number, radians: string, sine: string, cosine: string, tangent: string][] = [
  [30, '\\frac{\\pi}{6}', '\\frac{1}{2}', '\\frac{\\sqrt{3}}{2}', '\\frac{1}{\\sqrt{3}}'],
  [45, '\\frac{\\pi}{4}', '\\frac{\\sqrt{2}}{2}', '\\frac{1}{\\sqrt{2}}', '1'],
  [60, '\\frac{\\pi}{3}', '\\frac{\\sqrt{3}}{2}', '\\frac{1}{2}', '\\sqrt{3}'],
  [15, '\\frac{\\pi}{12}', '\\frac{\\sqrt{6}-\\sqrt{2}}{4}', '\\frac{\\sqrt{6}+\\sqrt{2}}{4}', '2-\\sqrt{3}'],
  [75, '\\frac{5\\pi}{12}', '\\frac{\\sqrt{6}+\\sqrt{2}}{4}', '\\frac{\\sqrt{6}-\\sqrt{2}}{4}', '2+\\sqrt{3}'],
  [120, '\\frac{2\\pi}{3}', '\\frac{\\sqrt{3}}{2}', '-\\frac{1}{2}', '-\\sqrt{3}'],
  [135, '\\frac{3\\pi}{4}', '\\frac{\\sqrt{2}}{2}', '-\\frac{\\sqrt{2}}{2}', '-1'],
  [150, '\\frac{5\\pi}{6}', '\\frac{1}{2}', '-\\frac{\\sqrt{3}}{2}', '-\\frac{\\sqrt{3}}{3}'],
  [210, '\\frac{7\\pi}{6}', '-\\frac{1}{2}', '-\\frac{\\sqrt{3}}{2}', '\\frac{\\sqrt{3}}{3}'],
  [36, '\\frac{\\pi}{5}', '\\frac{\\sqrt{10-2\\sqrt{5}}}{4}', '\\frac{1+\\sqrt{5}}{4}', '\\sqrt{5-2\\sqrt{5}}'],
]

export const trigonometricValues: Family = {
  name: 'values of trigonometric functions',
  pairs: (draw) =>
    table.flatMap(([degrees, radians, ...values]) => {
      const functions = ['\\sin', '\\cos', '\\tan']
      return values.flatMap((value, index) => {
        const name = functions[index]
        const written = draw.pick([
          `${name} ${radians}`,
          `${name}\\left(${radians}\\right)`,
          `${name} ${degrees}^\\circ`,
          `${name}(${degrees}^{\\circ})`,
        ])
        const turned = `${name} (${degrees}^\\circ + 360^\\circ)`
        return [
          eitherWay(draw, same(written, value)),
          same(turned, value),
          differs(written, `-(${value})`),
          differs(`${name} ${degrees + 1}^\\circ`, value),
        ]
      })
    }),
}

export const inverseFunctions: Family = {
  name: 'inverse trigonometric functions',
  pairs: (draw) =>
    table
      .slice(0, 5)
      .flatMap(([degrees, radians, sine, cosine, tangent]) => [
        same(draw.pick([`\\arcsin ${sine}`, `\\arcsin(${sine})`, `\\sin^{-1}(${sine})`]), radians),
        same(`\\arccos\\left(${cosine}\\right)`, radians),
        same(draw.pick([`\\arctan(${tangent})`, `\\tan^{-1}\\left(${tangent}\\right)`]), radians),
        differs(`\\arcsin(${sine})`, `\\frac{\\pi}{${degrees}}`),
        differs(`\\arctan(${tangent})`, `-${radians}`),
      ]),
}

export const identities: Family = {
  name: 'trigonometric identities',
  pairs: (draw) =>
    repeat(12, () => {
      const x = draw.pick(['x', 't', '\\theta', '\\alpha', 'y'])
      const y = draw.pick(['a', 'b', '\\beta', 'z'])
      const n = draw.int(2, 9)
      return [
        same(`\\sin^2 ${x} + \\cos^2 ${x}`, '1'),
        same(`\\sec^2(${x})`, `\\tan^2(${x}) + 1`),
        same(`\\sin(2${x})`, `2\\sin ${x} \\cos ${x}`),
        same(`${n}\\cos 2${x}`, draw.pick([`${n} - ${2 * n}\\sin^2 ${x}`, `${n}\\cos^2 ${x} - ${n}\\sin^2 ${x}`])),
        same(`\\sin(${x} + ${y})`, `\\sin ${x} \\cos ${y} + \\sin ${y} \\cos ${x}`),
        same(`\\frac{\\sin ${x}}{\\cos ${x}}`, `\\tan ${x}`),
        same(`\\cos(-${x})`, `\\cos ${x}`),
        differs(`\\sin ${x}`, `\\cos ${x}`),
        differs(`\\sin(2${x})`, `2\\sin ${x}`),
        differs(`\\cos^2 ${x} - \\sin^2 ${x}`, '1'),
        differs(`\\sin(${x} + ${y})`, `\\sin ${x} + \\sin ${y}`),
        differs(`\\sin(-${x})`, `\\sin ${x}`),
      ]
    }),
}
