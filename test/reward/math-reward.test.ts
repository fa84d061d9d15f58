import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { gradeMath } from '../../lib/reward/grade-math.js'
import { mathReward } from '../../lib/reward/math-reward.js'
import { GraderPool } from '../../lib/reward/pool/grader-pool.js'
import { scoreSamples } from '../../lib/reward/score.js'
import { root } from '../helpers/source-files.js'

const verdictOf = (answer: string, gold: string) => gradeMath(answer, gold, { isExtracted: true }).verdict

test.each<[string, string]>([
  ['5', '5'],
  ['5.', '5'],
  [' 5\n', '5'],
  ['\\text{5}', '5'],
  ['\\dfrac{1}{2}', '\\frac{1}{2}'],
  ['\\frac12', '1/2'],
  ['\\frac1{2}', '\\frac{1}2'],
  ['0.5', '\\frac{1}{2}'],
  ['2/4', '1/2'],
  ['.5', '0.5'],
  ['1{,}000', '1000'],
  ['1,\\!000', '1,000'],
  ['\\left( 1, 2 \\right)', '(1,2)'],
  ['30^\\circ', '30'],
  ['30^{\\circ}', '30\\degree'],
  ['\\$5', '5'],
  ['50\\%', '50 %'],
  ['50\\%', '0.5'],
  ['x=5', '5'],
  ['\\sqrt3', '\\sqrt{3}'],
  ['\u22125', '-5'],
  ['x \u2212 1', 'x - 1'],
  ['5\\text{ cm}', '5'],
  ['5', '5 \\mathrm{cm}'],
  ['5\\text{ cm}^2', '5.0\\text{cm}^{2}'],
  ['3\\frac{1}{2}', '3.5'],
  ['x + 1', 'x+1'],
  ['2 \\sqrt{ 3 }', '2\\sqrt{3}'],
])('%s is %s', (answer, gold) => {
  expect(verdictOf(answer, gold)).toBe('correct')
  expect(verdictOf(gold, answer)).toBe('correct')
})

test.each<[string, string]>([
  ['5', '6'],
  ['50\\%', '50'],
  ['5\\text{ seconds}', '5\\text{ minutes}'],
  ['\\text{second}', '\\text{minute}'],
  ['5\\text{ cm}', '5\\text{ cm}^2'],
  ['1,2', '12'],
  ['1 2', '12'],
  ['(1,2)', '(2,1)'],
  ['(1,2)', '[1,2]'],
  ['-5', '5'],
  ['\\sqrt{2}', '2'],
  ['a', 'A'],
  ['11a+c', '7 = 11a+c'],
  ['', '0'],
])('%s is not %s', (answer, gold) => {
  expect(verdictOf(answer, gold)).not.toBe('correct')
  expect(verdictOf(gold, answer)).not.toBe('correct')
})

const sample = (answer: string | string[] | undefined, text: string) => ({
  row: { id: '1', problem: 'p', answer },
  text,
})

test('the reward is 1 or 0, alone and together, and a row without an answer is an error, not a 0', async () => {
  const reward = mathReward()
  const { signal } = new AbortController()
  const samples = [
    sample('42', '</think>\\boxed{42}'),
    sample(['41', '\\boxed{42}'], '</think>\\boxed{42}'),
    sample('42', '</think>\\boxed{41}'),
    sample('42', 'still thinking'),
  ]
  const alone = await Promise.all(samples.map((one) => reward({ ...one, signal })))
  expect(alone).toEqual([1, 1, 0, 0])
  const lacking = sample(undefined, '</think>\\boxed{42}')
  const { scores, report } = await scoreSamples(reward, [lacking, ...samples])
  expect(scores).toEqual([undefined, ...alone])
  expect(report).toMatchObject({ reward: 'math', numMissing: 1, first: { rowId: '1' } })
  expect(report.first?.message).toMatch(/expected an answer in the row, got none/)
  await expect(reward({ ...lacking, signal })).rejects.toThrow(/expected an answer in the row/)
})

test('options reach the grader', async () => {
  const scoresOf = async (options: Parameters<typeof mathReward>[0]) =>
    (await scoreSamples(mathReward(options), [sample('50', '</think>\\boxed{50\\%}'), sample('5', '\\boxed{5}')]))
      .scores
  expect(await scoresOf({})).toEqual([0, 0])
  expect(await scoresOf({ mode: 'deepscaler' })).toEqual([1, 0])
  expect(await scoresOf({ needsThinkingClosed: false })).toEqual([0, 1])
})

const grader = pathToFileURL(join(root, 'test/fixtures/grading/misbehaving-grader.mjs'))
const pool = new GraderPool({ numWorkers: 1, grader })
afterAll(() => pool.dispose())

test('an answer that hangs or crashes its worker scores 0 with a warning that names the row; the others get their scores', async () => {
  const warnings: string[] = []
  process.on('warning', ({ message }) => warnings.push(message))
  const samples = ['ok', 'hang', 'ok', 'crash', 'no'].map((text) => sample('ok', text))
  const { scores, report } = await scoreSamples(mathReward({ pool }), samples, { deadlineMs: 300 })
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(scores).toEqual([1, 0, 1, 0, 0])
  expect(report.numMissing).toBe(0)
  expect(warnings).toEqual([
    '[math reward] row "1" scores 0: no verdict: it was not graded within 300 ms',
    '[math reward] row "1" scores 0: no verdict: its process ended by SIGKILL',
  ])
})

test('a run that is stopped does not wait for a hung answer', async () => {
  const controller = new AbortController()
  const asked = scoreSamples(mathReward({ pool }), [sample('ok', 'hang')], { signal: controller.signal })
  setTimeout(() => controller.abort(new Error('stopped')), 50)
  await expect(asked).rejects.toThrow(/^stopped$/)
})
