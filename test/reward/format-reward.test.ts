import { expect, test } from 'vitest'
import { isWellFormed } from '../../lib/reward/format-reward.js'

test.each<[string, string]>([
  ['thinking closed and one box', 'so it is 5</think>The answer is \\boxed{5}.'],
  ['the opening tag at the start', '<think>\nso it is 5\n</think>\n\\boxed{5}'],
  ['boxes within the thinking, besides', 'maybe \\boxed{4}</think>\\boxed{5}'],
  ['no thought at all', '<think></think>\\boxed{5}'],
  ['braces within the box', '</think>\\boxed{\\frac{1}{2}}'],
  ['a box of another kind', '</think>\\fbox{5}'],
])('%s is well formed', (_, text) => {
  expect(isWellFormed(text)).toBe(true)
})

test.each<[string, string]>([
  ['thinking that is not closed', 'so it is \\boxed{5}'],
  ['thinking closed twice', '</think>so</think>\\boxed{5}'],
  ['thinking opened again after it was closed', '</think><think>\\boxed{5}'],
  ['thinking opened in its midst', 'so<think>it is</think>\\boxed{5}'],
  ['thinking opened twice', '<think><think></think>\\boxed{5}'],
  ['no box', '</think>5'],
  ['a box within the thinking only', '\\boxed{5}</think>5'],
  ['two boxes', '</think>\\boxed{5} and \\boxed{6}'],
  ['a box within a box', '</think>\\boxed{\\boxed{5}}'],
  ['an empty box', '</think>\\boxed{ }'],
  ['a box that is not closed', '</think>\\boxed{5'],
  ['a second box that is not closed', '</think>\\boxed{5} \\boxed{6'],
  ['nothing', ''],
])('%s is not well formed', (_, text) => {
  expect(isWellFormed(text)).toBe(false)
})

test('where thinking need not be closed, a box is enough, but tags must still be in order', () => {
  const options = { needsThinkingClosed: false }
  expect(isWellFormed('it is \\boxed{5}', options)).toBe(true)
  expect(isWellFormed('<think>so</think>\\boxed{5}', options)).toBe(true)
  expect(isWellFormed('<think>it is \\boxed{5}', options)).toBe(false)
  expect(isWellFormed('a</think>b</think>\\boxed{5}', options)).toBe(false)
})
