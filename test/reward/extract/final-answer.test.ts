import { expect, test } from 'vitest'
import { lastBoxed } from '../../../lib/reward/extract/boxes.js'
import { finalAnswer } from '../../../lib/reward/extract/final-answer.js'

test.each<[string, string, string]>([
  ['the box after the thinking', 'so 3</think>It is \\boxed{42}.', '42'],
  ['the last of several boxes', '</think>\\boxed{1} no, \\boxed{2}', '2'],
  ['braces within', '</think>\\boxed{\\frac{1}{2}}', '\\frac{1}{2}'],
  ['escaped braces within', '</think>\\boxed{\\{1,2\\}}', '\\{1,2\\}'],
  ['a lone escaped brace within', '</think>\\boxed{a\\}b}', 'a\\}b'],
  ['the last box that is balanced', '</think>\\boxed{7} and \\boxed{8', '7'],
  ['a box in a box', '</think>\\boxed{\\boxed{5}}', '5'],
  ['a box in which another is not closed', '</think>\\boxed{1} \\boxed{\\boxed{2}', '2'],
  ['a framed box', '</think>\\fbox{5}', '5'],
  ['space before the brace', '</think>\\boxed {5}', '5'],
  ['the end of the last thinking', 'a</think>\\boxed{1}</think>\\boxed{2}', '2'],
  ['several boxes joined by a comma', '</think>\\boxed{1}, \\boxed{2}', '1, 2'],
  ['several boxes joined by a word', '</think>$\\boxed{1}$ and $\\boxed{2}$', '1, 2'],
  ['boxes with a phrase that ends in a joining word between', '</think>\\boxed{1} for part a and \\boxed{2}', '1, 2'],
  ['per cent after the box', '</think>$\\boxed{28}$ percent', '28\\%'],
  ['an opening tag in the answer', '<think>\\boxed{1}</think>\\boxed{2}', '2'],
])('%s is found', (_, text, answer) => {
  expect(finalAnswer(text)).toEqual({ answer })
})

test.each<[string, string, RegExp]>([
  ['an answer that never stops thinking', '\\boxed{42}', /not closed/],
  ['a box in the thinking only', '\\boxed{42}</think>the answer is 42', /no balanced/],
  ['a box that is not closed', '</think>\\boxed{42', /no balanced/],
  ['an empty box', '</think>\\boxed{ }', /empty/],
  ['nothing', '', /not closed/],
])('%s has no final answer', (_, text, why) => {
  expect(finalAnswer(text)).toMatchObject({ answer: undefined, why: expect.stringMatching(why) })
})

test.each<[string, string, string | undefined]>([
  ['a closed box within one that is not closed', '\\boxed{1 \\boxed{2}', '2'],
  ['braces opened before and closed after', '} { \\boxed{3} } }', '3'],
  ['a brace within that is not closed', '\\boxed{4} \\boxed{ { }', '4'],
  ['a box after a line break', 'so \\\\\\boxed{5}', '5'],
  ['a box whose backslash was doubled', '\\\\boxed{6}', '6'],
  ['a doubled backslash before the closing brace', '\\boxed{7\\\\}', '7\\\\'],
  ['a backslash at the end', '\\boxed{8\\', undefined],
])('the last balanced box is seen past %s', (_, text, answer) => {
  expect(lastBoxed(text)).toBe(answer)
})

// With time in the square of the length these would take minutes.
test.each([3000, 200_000])('%i boxes that are never closed have no answer', (count) => {
  expect(finalAnswer(`</think>${'\\boxed{'.repeat(count)}`).answer).toBeUndefined()
  expect(finalAnswer(`</think>${'\\boxed{'.repeat(count)}9}`).answer).toBe('9')
})

test.each<[string, string, string]>([
  ['a stated answer', 'So, after 3 steps, the answer is 42.', '42'],
  ['a stated formula', 'The final answer is $(0, 1)$. I hope it is correct.', '$(0, 1)$'],
  ['a box after a statement', 'The answer is $\\boxed{7}$.', '7'],
  ['a statement after a box', '\\boxed{7}? No. Final answer: 8', '8'],
  ['the last formula', 'We find that $x = 2$, hence $y = 3$ holds', 'y = 3'],
  ['the last number said to be something', 'It is 5 at first, then it is 1,000.99 m²', '1,000.99'],
  ['a bare answer', '(3, \\frac{\\pi}{2})', '(3, \\frac{\\pi}{2})'],
  ['a bare answer with its unit', '125 miles', '125 miles'],
])('where no box is asked for, %s is found', (_, text, answer) => {
  expect(finalAnswer(text, { needsBox: false, needsThinkingClosed: false })).toEqual({ answer })
})

test.each([
  '',
  'just words about nothing in particular that go on and on without any number at all',
  '<think>4</think>4',
])('where no box is asked for, %j has no answer all the same', (text) => {
  expect(finalAnswer(text, { needsBox: false, needsThinkingClosed: false }).answer).toBeUndefined()
})
