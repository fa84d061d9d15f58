import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEqualRational, parseRational } from '../../lib/reward/rational.js'

test.each<[string, bigint, bigint]>([
  ['42', 42n, 1n],
  ['-7', -7n, 1n],
  ['+ 7', 7n, 1n],
  ['007', 7n, 1n],
  ['1,234,567', 1234567n, 1n],
  ['1 000', 1000n, 1n],
  ['0.50', 1n, 2n],
  ['.5', 1n, 2n],
  ['3.', 3n, 1n],
  ['1,000.25', 4001n, 4n],
  ['-0', 0n, 1n],
  ['2/4', 1n, 2n],
  ['-1/2', -1n, 2n],
  ['1/-2', -1n, 2n],
  ['\\frac{1}{2}', 1n, 2n],
  ['-\\frac{-3}{6}', 1n, 2n],
  ['\\frac{1.5}{0.5}', 3n, 1n],
  ['3\\frac{1}{2}', 7n, 2n],
  ['-3 1/2', -7n, 2n],
  ['50%', 1n, 2n],
  ['12.5\\%', 1n, 8n],
  ['123456789012345678901234567890', 123456789012345678901234567890n, 1n],
])('%s is a number', (text, numerator, denominator) => {
  expect(parseRational(text)).toEqual({ numerator, denominator })
})

test.each([
  '',
  '.',
  '-',
  'x',
  '1/0',
  '\\frac{1}{0}',
  '1,23',
  '1,2345',
  '1 2',
  '--1',
  '1/2/3',
  '1e3',
  '3\\frac{x}{2}',
  '%',
])('%j is no number', (text) => {
  expect(parseRational(text)).toBeUndefined()
})

test('a number of a million digits is not even tried', () => {
  expect(parseRational('9'.repeat(1_000_000))).toBeUndefined()
})

test('any fraction equals itself multiplied out, and no other', () => {
  const part = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })
  const positive = fc.bigInt({ min: 1n, max: 10n ** 10n })
  fc.assert(
    fc.property(part, positive, positive, (a, b, factor) => {
      const [x, y] = [parseRational(`${a}/${b}`), parseRational(`\\frac{${a * factor}}{${b * factor}}`)]
      const other = parseRational(`${a * factor + 1n}/${b * factor}`)
      if (x === undefined || y === undefined || other === undefined) return false
      return isEqualRational(x, y) && !isEqualRational(x, other)
    }),
  )
})
