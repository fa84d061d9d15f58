import { expect, test } from 'vitest'
import { compareResults, signFlipPValue } from '../../lib/eval/compare.js'
import { RandomStream } from '../../lib/random.js'
import { problemOf, problemsOf } from './fake-records.js'

test('a small comparison, worked by hand', () => {
  const { all, sets, numUnpaired } = compareResults(problemsOf(['ww', 'cw', 'cc']), problemsOf(['cc', 'cc', 'cc']), {
    seed: 1,
  })
  // Differences 1, 1/2, 0: mean 1/2, error sqrt(1/2 / 2 / 3). Of the four ways to flip, two are as large.
  expect(all).toMatchObject({ numProblems: 3, passAt1: [0.5, 1], difference: 0.5, pValue: 0.5 })
  expect(all.standardError).toBeCloseTo(Math.sqrt(1 / 12), 14)
  expect(sets).toEqual([{ name: 's', ...all }])
  expect(numUnpaired).toEqual([0, 0])
})

test('problems are paired by set and id, and those without a partner are counted', () => {
  const first = [...problemsOf(['c', 'w', 'f']), problemOf('c', { set: 'other', index: 1 })]
  const second = [problemOf('w', { index: 1 }), problemOf('c', { index: 7 }), problemOf('c', { index: 2 })]
  const { all, numUnpaired } = compareResults(first, second, { seed: 1 })
  expect([all.numProblems, all.pValue, all.standardError]).toEqual([1, 1, null])
  expect(numUnpaired).toEqual([2, 2])
  expect(() => compareResults(first, [], { seed: 1 })).toThrow('[compare] expected problems that both have answered')
})

test('another expected answer is another problem', () => {
  expect(() => compareResults([problemOf('c')], [problemOf('c', { expected: '7' })], { seed: 1 })).toThrow(
    '[compare] expected the same answer to problem "p0" of s in both, got "c" and "7"',
  )
})

test('no difference at all has p = 1, and signs that all agree have the least', () => {
  expect(signFlipPValue([0, 0, 0], { seed: 1 })).toBe(1)
  expect(signFlipPValue(Array(14).fill(0.25), { seed: 1 })).toBe(2 / 2 ** 14)
  expect(signFlipPValue(Array(40).fill(0.25), { seed: 1 })).toBe(1 / 20_001)
})

test('drawn flips agree with all flips, and the seed fixes them', () => {
  const values = [0.5, 0.25, -0.25, 0.75, 0.1, -0.4, 0.3, 0.2, -0.6, 0.05, 0.35, 0.15, -0.1, 0.45]
  const exact = signFlipPValue(values, { seed: 1 })
  const drawn = signFlipPValue([...values, 1e-9], { seed: 1 }) // one more, so that flips are drawn
  expect(Math.abs(drawn - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / 20_000))
  expect(signFlipPValue([...values, 1e-9], { seed: 1 })).toBe(drawn)
  expect(signFlipPValue([...values, 1e-9], { seed: 2 })).not.toBe(drawn)
})

test('where there is nothing to find, one in twenty is below 0.05', () => {
  const random = new RandomStream(3, 'nothing')
  const pValues = Array.from({ length: 400 }, (_, seed) =>
    signFlipPValue(
      Array.from({ length: 12 }, () => random.normal()),
      { seed },
    ),
  )
  const share = pValues.filter((p) => p <= 0.05).length / 400
  expect(Math.abs(share - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 400))
})
