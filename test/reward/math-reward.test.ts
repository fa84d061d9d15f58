import { expect, test } from 'vitest'
import { gradeMath, mathReward, whyEqual } from '../../lib/reward/math-reward.js'

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
  ['x = \\text{even}', '\\text{even}'],
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
  expect(whyEqual(answer, gold)).toBeDefined()
  expect(whyEqual(gold, answer)).toBeDefined()
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
  ['0.333', '1/3'],
  ['\\sqrt{2}', '2'],
  ['a', 'A'],
  ['11a+c', '7 = 11a+c'],
  ['', '0'],
])('%s is not %s', (answer, gold) => {
  expect(whyEqual(answer, gold)).toBeUndefined()
  expect(whyEqual(gold, answer)).toBeUndefined()
})

test('a verdict says why', () => {
  expect(gradeMath('</think>\\boxed{2/4}', ['3', '0.5'])).toEqual({ verdict: 'correct', why: '2/4 is the number 0.5' })
  expect(gradeMath('</think>\\boxed{4}', ['3', '5'])).toEqual({ verdict: 'wrong', why: '4 is not 3 or 5' })
  expect(gradeMath('\\boxed{3}', ['3']).verdict).toBe('unparsed')
})

test('the reward is 1 or 0, and a row without an answer is an error, not a 0', async () => {
  const reward = mathReward()
  const { signal } = new AbortController()
  const call = (answer: string | string[] | undefined, text: string) =>
    reward({ row: { id: '1', problem: 'p', answer }, text, signal })
  expect(call('42', '</think>\\boxed{42}')).toBe(1)
  expect(call(['41', '\\boxed{42}'], '</think>\\boxed{42}')).toBe(1)
  expect(call('42', '</think>\\boxed{41}')).toBe(0)
  expect(call('42', 'still thinking')).toBe(0)
  expect(() => call(undefined, '</think>\\boxed{42}')).toThrow(/expected an answer in the row/)
})
