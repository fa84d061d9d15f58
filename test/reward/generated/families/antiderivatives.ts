import { differs, type Family, repeat, same } from '../pair.js'
import { signed } from '../spell.js'

export const upToAConstant: Family = {
  name: 'functions up to a constant where the gold says so',
  hasDirection: true,
  pairs: (draw) =>
    repeat(15, () => {
      const [a, n, k] = [draw.int(2, 9), draw.int(3, 9), draw.intBut(-30, 30, 0)]
      const gold = `\\frac{x^${n}}{${n}} + ${a}x + C`
      const bare = `${a}x + \\frac{1}{${n}}x^${n}`
      return [
        same(`${bare} + C`, gold),
        same(`C + ${bare} ${signed(k)}`, gold),
        same(`${bare} + ${draw.pick(['c', 'K', 'C_1'])}`, gold),
        same(`\\frac{${a}x^2}{2} - \\cos x + C`, `\\frac{${a}}{2}x^2 - \\cos(x) + C`),
        same(`\\sin^2 x + C`, '-\\cos^2 x + C'),
        same(`\\ln(${a}x) + C`, '\\ln x + C'),
        differs(`${a + 1}x + \\frac{1}{${n}}x^${n} + C`, gold),
        differs(`${a}x + x^${n} + C`, gold),
        differs(`-${bare} + C`, gold),
        differs(`${bare} ${signed(k)}`, `\\frac{x^${n}}{${n}} + ${a}x`),
        differs(`\\cos^2 x + C`, '\\sin^2 x + C'),
      ]
    }),
}
