import { expect, test } from 'vitest'
import { cutAt, type EvaluatedSample, meanPassAtK, passAtK, summarize } from '../../lib/eval/statistics.js'
import { RandomStream } from '../../lib/random.js'

const right = (numTokens = 10): EvaluatedSample => ({ isCorrect: true, isFinished: true, numTokens })
const wrong = (numTokens = 10): EvaluatedSample => ({ isCorrect: false, isFinished: true, numTokens })
const cutOff = (numTokens: number): EvaluatedSample => ({ isCorrect: false, isFinished: false, numTokens })

test('pass@1 is the mean over problems, its error comes from the spread between problems', () => {
  // Per-problem means 1, 0.5, 0: mean 0.5, squares 0.25 + 0 + 0.25 = 0.5, error √(0.5 / 2 / 3) = √(1/12).
  const summary = summarize([
    [right(4), right(6)],
    [right(8), wrong(10)],
    [wrong(12), cutOff(20)],
  ])
  expect(summary.passAt1).toBeCloseTo(0.5, 12)
  expect(summary.standardError).toBeCloseTo(Math.sqrt(1 / 12), 12)
  expect(summary).toMatchObject({ meanTokens: 10, truncatedShare: 1 / 6, numProblems: 3, numSamples: 6 })
})

test('more samples of the same problems do not make the error smaller', () => {
  const once = [[right()], [wrong()], [right()], [wrong()]]
  const often = once.map(([sample]) => new Array<EvaluatedSample>(16).fill(sample as EvaluatedSample))
  expect(summarize(often).standardError).toBe(summarize(once).standardError)
})

test('a problem with many samples weighs as much as one with few', () => {
  expect(summarize([[right(), right(), right(), right()], [wrong()]]).passAt1).toBe(0.5)
})

test('the error is the spread that repeated evaluations show', () => {
  const random = new RandomStream(1, 'statistics')
  const evaluate = () =>
    summarize(
      Array.from({ length: 50 }, () => {
        const difficulty = random.uniform()
        return Array.from({ length: 4 }, () => (random.uniform() < difficulty ? right() : wrong()))
      }),
    )
  const runs = Array.from({ length: 400 }, evaluate)
  const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const center = meanOf(runs.map(({ passAt1 }) => passAt1))
  const spread = Math.sqrt(meanOf(runs.map(({ passAt1 }) => (passAt1 - center) ** 2)))
  const claimed = meanOf(runs.map(({ standardError }) => standardError))
  expect(Math.abs(claimed / spread - 1)).toBeLessThan(0.12)
})

test('one problem has no error to speak of, no problem and a problem without samples are errors', () => {
  expect(summarize([[right()]])).toMatchObject({ passAt1: 1, standardError: Number.NaN })
  expect(() => summarize([])).toThrow(/at least one problem/)
  expect(() => summarize([[right()], []])).toThrow(/a sample of each/)
})

test('at a shorter limit an answer counts only if it was finished within it', () => {
  const problems = [
    [right(8), right(9)],
    [wrong(3), cutOff(20)],
  ]
  expect(cutAt(problems, 8)).toEqual([
    [right(8), cutOff(8)],
    [wrong(3), cutOff(8)],
  ])
  expect(cutAt(problems, 20)).toEqual(problems)
  expect(summarize(cutAt(problems, 8))).toMatchObject({ passAt1: 0.25, truncatedShare: 0.5, meanTokens: 6.75 })
})

test('a longer limit than was sampled is an error', () => {
  expect(() => cutAt([[cutOff(20)]], 21)).toThrow(/cut at 20 tokens says nothing of the limit 21/)
  expect(cutAt([[right(20)]], 21)).toEqual([[right(20)]])
})

test('pass@k is the share of k-subsets with a correct sample', () => {
  for (let numSamples = 1; numSamples <= 7; numSamples++)
    for (let numCorrect = 0; numCorrect <= numSamples; numCorrect++)
      for (let k = 1; k <= numSamples; k++) {
        expect(passAtK({ numSamples, numCorrect }, k)).toBeCloseTo(shareOfSubsets(numSamples, numCorrect, k), 12)
      }
})

test('pass@k of thousands of samples does not overflow', () => {
  expect(passAtK({ numSamples: 10_000, numCorrect: 1 }, 5000)).toBeCloseTo(0.5, 12)
})

test('more k than samples, or half a k, is an error', () => {
  for (const k of [0, 5, 1.5]) expect(() => passAtK({ numSamples: 4, numCorrect: 1 }, k)).toThrow(/from 1 to 4/)
})

test.each<[unknown, string]>([
  [3, 'expected an object for counts, got 3'],
  [{}, 'expected a number for numSamples, got undefined'],
  [{ numSamples: 3 }, 'expected a number for numCorrect, got undefined'],
  [{ numSamples: 0, numCorrect: 0 }, 'expected a whole number of at least 1 for numSamples, got 0'],
  [{ numSamples: 3.5, numCorrect: 1 }, 'expected a whole number of at least 1 for numSamples, got 3.5'],
  [{ numSamples: 3, numCorrect: 4 }, 'expected a whole number from 0 to 3 for numCorrect, got 4'],
  [{ numSamples: 3, numCorrect: Number.NaN }, 'expected a whole number from 0 to 3 for numCorrect, got NaN'],
])('counts of pass@k that are none are named: %o', (counts, message) => {
  expect(() => passAtK(counts as never, 1)).toThrow(`[pass@k] ${message}`)
})

test('pass@k over problems is the mean of theirs', () => {
  expect(
    meanPassAtK(
      [
        [right(), wrong()],
        [wrong(), wrong()],
      ],
      1,
    ),
  ).toBeCloseTo(0.25, 12)
  expect(
    meanPassAtK(
      [
        [right(), wrong()],
        [wrong(), wrong()],
      ],
      2,
    ),
  ).toBeCloseTo(0.5, 12)
})

/** By counting: the first c of n are correct. */
function shareOfSubsets(n: number, c: number, k: number): number {
  let numSubsets = 0
  let numWithCorrect = 0
  for (let subset = 0; subset < 2 ** n; subset++) {
    const members = Array.from({ length: n }, (_, i) => i).filter((i) => subset & (1 << i))
    if (members.length !== k) continue
    numSubsets++
    if (members.some((i) => i < c)) numWithCorrect++
  }
  return numWithCorrect / numSubsets
}
