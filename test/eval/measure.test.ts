import { describe, expect, test } from 'vitest'
import { bootstrapInterval } from '../../lib/eval/bootstrap.js'
import { majorityAtK } from '../../lib/eval/majority.js'
import { meanOfSets, measure } from '../../lib/eval/measure.js'
import { problemOf, problemsOf } from './fake-records.js'

const votesOf = (letters: string) => problemOf(letters).answers

test('the measures of a set, worked by hand', () => {
  // Pass rates 3/4, 1/4, 0. Mean 1/3; squares of 5/12, -1/12, -4/12 are 42/144, over 2 and 3: error² 7/144.
  const measures = measure(problemsOf(['ccwc', 'cttu', '1w1t']), { seed: 1 })
  expect(measures).toMatchObject({ numProblems: 3, numSamples: 12, numFailed: 0, meanTokens: 10 })
  expect(measures.passAt1).toBeCloseTo(1 / 3, 14)
  expect(measures.standardError).toBeCloseTo(Math.sqrt(7 / 144), 14)
  // pass@2: 1 - C(1,2)/C(4,2) = 1, 1 - C(3,2)/C(4,2) = 1/2, 0. pass@3: 1, 1 - C(3,3)/C(4,3) = 3/4, 0.
  const expected = [1 / 3, 1.5 / 3, 1.75 / 3, 2 / 3]
  expect(measures.passAtK).toHaveLength(4)
  for (const [i, share] of measures.passAtK.entries()) expect(share).toBeCloseTo(expected[i] as number, 14)
  // majority@4: right; the one vote of the second is right; two votes of three are for 1.
  expect(measures.majorityAtK[3]).toBeCloseTo(2 / 3, 14)
  expect(measures.majorityAtK[0]).toBeCloseTo(1 / 3, 14)
  expect(measures.truncatedShare).toBeCloseTo(3 / 12, 14)
  expect(measures.unparsedShare).toBeCloseTo(1 / 12, 14)
})

test('a sample that failed is counted, and is neither right nor wrong', () => {
  const measures = measure(problemsOf(['cf', 'cw', 'ff']), { seed: 1 })
  expect(measures).toMatchObject({ numProblems: 2, numSamples: 3, numFailed: 3, passAt1: 3 / 4, passAtK: [3 / 4] })
  expect(() => measure(problemsOf(['f', 'ff']), { seed: 1 })).toThrow(
    '[evaluation] expected at least one answer that did not fail, got none',
  )
})

test('one problem has neither error nor interval, and lengths that a server does not say are not made up', () => {
  const problem = problemOf('cw')
  const silent = { ...problem, answers: problem.answers.map((answer) => ({ ...answer, numTokens: null })) }
  expect(measure([silent], { seed: 1 })).toMatchObject({
    ...{ standardError: null, interval: null, meanTokens: null, meanTokensCorrect: null, passAt1: 0.5 },
  })
})

test('lengths are told apart by verdict, truncated answers aside', () => {
  const problems = [problemOf('c', { index: 0, numTokens: 100 }), problemOf('w', { index: 1, numTokens: 300 })]
  const measures = measure([...problems, problemOf('t', { index: 2, numTokens: 500 })], { seed: 1 })
  expect([measures.meanTokens, measures.meanTokensCorrect, measures.meanTokensWrong]).toEqual([300, 100, 300])
})

test('a vote is by the canonical answer: ties count by their share, no votes are wrong, what is left over is aside', () => {
  expect(majorityAtK(votesOf('c12c'), 4)).toBe(1)
  expect(majorityAtK(votesOf('c11c'), 4)).toBe(0.5)
  expect(majorityAtK(votesOf('c123'), 4)).toBe(0.25)
  expect(majorityAtK(votesOf('tuut'), 4)).toBe(0)
  expect(majorityAtK(votesOf('cuut'), 4)).toBe(1)
  expect(majorityAtK(votesOf('ccw11c'), 3)).toBe(0.5) // ccw is right; 11c is wrong
  expect(majorityAtK(votesOf('ccwww'), 2)).toBe(0.5) // cc, ww; the last w is aside
})

describe('answers that are the same vote together', () => {
  const wrong = (...answers: string[]) => answers.map((predicted) => ({ predicted, isCorrect: false }))
  const right = (...answers: string[]) => answers.map((predicted) => ({ predicted, isCorrect: true }))

  test('however the correct ones are written', () => {
    const votes = [...right('5', '5 cm', '5 $'), ...wrong('7', '7')]
    expect(majorityAtK(votes, 5)).toBe(1)
    expect(
      measure(
        [
          {
            ...problemOf('cccww'),
            answers: problemOf('cccww').answers.map((answer, i) => ({ ...answer, ...votes[i] })),
          },
        ],
        { seed: 1 },
      ).majorityAtK,
    ).toEqual([0.6, 0.75, 1, 1, 1]) // for 2: two right ones, and a tie
  })

  test.each([
    ['(x+1)^2', 'x^2+2x+1'],
    ['5 cm', '5'],
    ['1/2', '0.5'],
  ])('%s and %s, where they are wrong', (a, b) => {
    expect(majorityAtK([...right('3', '3'), ...wrong(a, b, a)], 5)).toBe(0)
  })

  test("and those of nobody are nobody's: 10 is not 1, and an empty answer is one", () => {
    expect(majorityAtK([...right('3', '3'), ...wrong('10', '1', '')], 5)).toBe(1)
    expect(majorityAtK([...right('3'), ...wrong('', '')], 3)).toBe(0)
  })

  test('is asked of so many pairs only that thousands of answers end in time', () => {
    const many = Array.from({ length: 4000 }, (_, i) => `x^${i}+\\sqrt{${i}}`)
    expect(majorityAtK([...right('3', '3'), ...wrong(...many)], 4002)).toBe(1)
  })
})

test('the bootstrap is the same for a seed, another for another, and near the normal interval where there are many', () => {
  const values = Array.from({ length: 400 }, (_, i) => ((i * 7919) % 101) / 100)
  const [low, high] = bootstrapInterval(values, { seed: 5 }) as [number, number]
  expect(bootstrapInterval(values, { seed: 5 })).toEqual([low, high])
  expect(bootstrapInterval(values, { seed: 6 })).not.toEqual([low, high])
  const center = values.reduce((sum, value) => sum + value, 0) / 400
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / 399)
  const reach = (1.96 * deviation) / Math.sqrt(400)
  expect(Math.abs(low - (center - reach))).toBeLessThan(0.1 * reach)
  expect(Math.abs(high - (center + reach))).toBeLessThan(0.1 * reach)
  expect(bootstrapInterval([0.5, 0.5], { seed: 1 })).toEqual([0.5, 0.5])
})

test('in the mean of sets each set counts alike', () => {
  const sets = [problemsOf(['c', 'w']), problemsOf(['c', 'c', 'c', 'w'])].map((set) => measure(set, { seed: 1 }))
  // Errors: 1/2 of two values 0 and 1; of four, sqrt(3/4 / 3 / 4) = 1/4.
  expect(meanOfSets(sets)).toEqual({ passAt1: 0.625, standardError: Math.sqrt(1 / 4 + 1 / 16) / 2 })
})
