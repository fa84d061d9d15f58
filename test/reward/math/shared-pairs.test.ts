// Pairs from the test suites of ten open projects, each with its project's verdict (test/fixtures/grading/README.md).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type GradeOptions, gradeMath } from '../../../lib/reward/grade-math.js'

interface SharedPair {
  pred: string
  gold: string
  expected: boolean
  source: string
}

const file = new URL('../../fixtures/grading/pairs.jsonl', import.meta.url)
const pairs = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as SharedPair)

/** By line of the file: where the project's own verdict is mathematically wrong. */
const wrongUpstream: Readonly<Record<number, string>> = {
  254: '1 + 1/e is not 1 − 1/e',
  294: '2/4 is 1/2',
  304: '2/4 is 1/2',
  354: '5.001 is not 5: the project lists it among what must be wrong',
  355: 'x³ + 2x + 1 is not x² + 2x + 1: the project lists it among what must be wrong',
  356: '"oddd" is not "odd": the project lists it among what must be wrong',
  357: '2E is not E: the project lists it among what must be wrong',
  358: 'one root is not both: the project lists it among what must be wrong',
}

/** By line: where this grader judges otherwise by intent. They count as disagreements. */
const otherRules: Readonly<Record<number, string>> = {
  181: 'an interval by inequalities and by brackets are the same; 180 says so too',
  244: 'f(y) is not f(x); 243 says so too',
  266: '0.5 is 1/2; the project compares strings',
  269: 'what follows the box does not matter; the project wants a stop token',
  271: 'what follows the box does not matter; the project wants a stop token',
  273: 'a list has no order',
  280: 'a list has no order',
  282: '10 % is not 10',
  348: '10 % is not 10',
  349: '10 % is not 10',
}

/** The project's own settings for the pair. */
function optionsOf({ source }: SharedPair): GradeOptions {
  const options: GradeOptions = { needsThinkingClosed: false, needsBox: false }
  if (source.includes('test_format_error')) return { ...options, needsBox: true }
  const precision = /\[precision=(\d+)\]/.exec(source)?.[1]
  if (precision !== undefined) return { ...options, numDecimals: Number(precision) }
  // Its numbers are equal within 1 part in 10,000.
  return source.startsWith('ZubinGou') ? { ...options, numDecimals: 4 } : options
}

test('at least 97 of 100 verdicts agree, and those that do not are known', () => {
  const disagreeing = pairs.flatMap((pair, i) => {
    const { verdict } = gradeMath(pair.pred, pair.gold, optionsOf(pair))
    const expected = pair.expected !== (wrongUpstream[i + 1] !== undefined)
    return (verdict === 'correct') === expected ? [] : [i + 1]
  })
  expect(pairs).toHaveLength(369)
  expect(disagreeing).toEqual(Object.keys(otherRules).map(Number))
  expect(Object.keys(wrongUpstream).length).toBeLessThanOrEqual(8)
  expect(1 - disagreeing.length / pairs.length).toBeGreaterThanOrEqual(0.97)
})

test('without the projects’ settings for decimals and boxes the decimals that are no exact fractions are wrong, and no more', () => {
  const disagreeing = pairs.flatMap((pair, i) => {
    const { verdict } = gradeMath(pair.pred, pair.gold, { needsThinkingClosed: false, needsBox: false })
    const expected = pair.expected !== (wrongUpstream[i + 1] !== undefined)
    return (verdict === 'correct') === expected || otherRules[i + 1] !== undefined ? [] : [i + 1]
  })
  expect(disagreeing).toEqual([121, 128, 134, 310, 359, 364])
})
