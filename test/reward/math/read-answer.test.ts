import { expect, test } from 'vitest'
import { readAnswer } from '../../../lib/reward/math/read-answer.js'

test.each([
  ['1{,}000', 'integer', '1000'],
  ['2\\cdot 3', 'integer', '6'],
  ['-7', 'integer', '-7'],
  ['0.50', 'decimal', '1/2'],
  ['\\frac{2}{4}', 'rational', '1/2'],
  ['3\\frac14', 'rational', '13/4'],
  ['50\\%', 'percentage', '1/2'],
  ['\\sqrt{8}', 'root', '2*sqrt(2)'],
  ['1+2i', 'complex', '2*i + 1'],
  ['\\sin 1', 'number', 'sin(1)'],
  ['2\\pi', 'number', '2*π'],
  ['-\\infty', 'infinity', '-∞'],
  ['(x+1)^2', 'expression', 'x^2 + 2*x + 1'],
  ['x = 5', 'integer', '5'],
  ['x + y = 5', 'equation', 'x + y = 5'],
  ['x \\le 5', 'inequality', 'x ≤ 5'],
  ['[0,1)', 'interval', '[0, 1)'],
  ['(0,1)\\cup(2,3)', 'interval', '(0, 1) ∪ (2, 3)'],
  ['(2/4, 3)', 'tuple', '(1/2, 3)'],
  ['\\{2,1\\}', 'set', '{2, 1}'],
  ['1, 2 \\text{ and } 3', 'list', '1, 2, 3'],
  ['\\pm 2', 'list', '±2'],
  ['\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', 'matrix', '[[1, 2], [3, 4]]'],
  ['1:2', 'ratio', '1:2'],
  ['\\text{Monday}', 'text', 'monday'],
  ['5\\text{ cm}', 'integer', '5 cm'],
])('%s is of kind %s', (text, kind, canonical) => {
  expect(readAnswer(text)).toEqual({ kind, canonical })
})

test.each([
  ['', /empty/],
  ['\\frac{1}{', /ends too early|missing/],
  ['\\begin{tikzpicture}\\end{tikzpicture}', /tikzpicture/],
  ['\ud800', /no meaning/],
  [`${'{'.repeat(100)}1${'}'.repeat(100)}`, /nested too deeply/],
  ['x'.repeat(5000), /more than 4000 letters/],
  ['\\binom{10^6}{5\\cdot 10^5}', /too large/],
])('%j cannot be read', (text, why) => {
  expect(readAnswer(text)).toEqual({ kind: undefined, why: expect.stringMatching(why) })
})
