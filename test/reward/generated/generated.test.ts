import { describe, expect, test } from 'vitest'
import { type Grade, gradeMath } from '../../../lib/reward/grade-math.js'
import { allPairs, pairsOf } from './corpus.js'
import { families } from './families/index.js'
import type { Pair } from './pair.js'

/** What a model writes around its answer, so that pairs also pass through extraction. */
const wrapped = (answer: string): string =>
  `Perhaps it is $\\boxed{0}$, let me see.</think>\n\nHence the answer is $\\boxed{${answer}}$.`

/** One line for each pair that is graded wrongly. A pair that differs must be read too: unparsed is not enough. */
function failuresOf(pairs: readonly Pair[], grade: (pair: Pair) => Grade): string[] {
  return pairs.flatMap((pair) => {
    const { verdict, why } = grade(pair)
    if (verdict === (pair.isSame ? 'correct' : 'wrong')) return []
    return [`${pair.isSame ? 'same' : 'differs'}, but ${verdict} (${why}):  ${pair.answer}  |  ${pair.gold}`]
  })
}

describe('the grader is right about', () => {
  test.each(families)('$name', (family) => {
    const grade = ({ answer, gold }: Pair): Grade => gradeMath(answer, gold, { isExtracted: true })
    expect(failuresOf(pairsOf(family), grade)).toEqual([])
  })
})

test('a box at the end of an answer changes no verdict', () => {
  const pairs = allPairs().filter((_, index) => index % 5 === 0)
  expect(failuresOf(pairs, ({ answer, gold }) => gradeMath(wrapped(answer), gold))).toEqual([])
})

test('there are thousands of pairs of dozens of kinds, few of them alike', () => {
  const pairs = allPairs()
  expect(families.length).toBeGreaterThanOrEqual(60)
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length)
  expect(pairs.length).toBeGreaterThanOrEqual(5000)
  expect(new Set(pairs.map(({ answer, gold }) => `${answer} | ${gold}`)).size).toBeGreaterThan(0.95 * pairs.length)
  expect(pairs.filter(({ isSame }) => isSame).length).toBeGreaterThan(2000)
  expect(pairs.filter(({ isSame }) => !isSame).length).toBeGreaterThan(2000)
})
