import { expect, test } from 'vitest'
import { mathRules } from '../../../lib/data/curate/grader.js'

const kindOf = (text: string) => mathRules.readAnswer(text).kind

test.each([
  ['72', 'integer'],
  ['\\frac{3}{4}', 'rational'],
  ['2\\sqrt{3}', 'root'],
  ['\\text{Tuesday}', 'text'],
  ['x^2+1', 'expression'],
])('%s is an answer of the kind %s', (text, kind) => expect(kindOf(text)).toBe(kind))

test.each(['\\frac{1', '', `\\text{${'it is so because '.repeat(5)}}`])('%s cannot be graded', (text) => {
  expect(mathRules.readAnswer(text)).toMatchObject({ kind: undefined, why: expect.any(String) })
})

test('answers are the same as the grader has it', () => {
  expect(mathRules.isSameAnswer('0.5', '\\frac{1}{2}')).toBe(true)
  expect(mathRules.isSameAnswer('2', '3')).toBe(false)
})
