import { expect, test } from 'vitest'
import { allAtLimit, answerLengths, cutWeibull, meanOf, seenLengths } from '../../../lib/train/plan/lengths.js'

test.each([
  [3500, 8192],
  [8000, 8192],
  [12, 96],
])('lengths of a mean of %i cut at %i have that mean', (mean, limit) => {
  const lengths = answerLengths(cutWeibull({ mean, limit }), 2000)
  expect(meanOf(lengths) / mean).toBeCloseTo(1, 2)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(limit)
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1)
})

test('DeepScaleR’s mean of its first stage cuts about as many answers as it saw', () => {
  const lengths = answerLengths(cutWeibull({ mean: 3500, limit: 8192 }), 2000)
  const cut = lengths.filter((length) => length === 8192).length / 2000
  expect(cut).toBeGreaterThan(0.042)
  expect(cut).toBeLessThan(0.065)
})

test('a mean of the limit is every answer at the limit, and none beyond it is taken', () => {
  expect(answerLengths(cutWeibull({ mean: 8, limit: 8 }), 3)).toEqual([8, 8, 8])
  expect(answerLengths(allAtLimit(5), 2)).toEqual([5, 5])
  expect(() => cutWeibull({ mean: 9, limit: 8 })).toThrow(
    '[plan] expected a mean from 1 to the limit of 8 tokens, got 9',
  )
})

test('seen lengths are cut at the limit, and come in another order than that of their size', () => {
  const lengths = answerLengths(seenLengths([1, 2, 30, 4], 10, 'seen'), 4)
  expect([...lengths].sort((a, b) => a - b)).toEqual([1, 2, 4, 10])
  expect(lengths).not.toEqual([1, 2, 4, 10])
})

test('the longest of all answers is among those of one device', () => {
  const lengths = cutWeibull({ mean: 100, limit: 4000 })
  const all = Math.max(...answerLengths(lengths, 1024))
  expect(Math.max(...answerLengths(lengths, 32, { outOf: 1024 }))).toBe(all)
})
