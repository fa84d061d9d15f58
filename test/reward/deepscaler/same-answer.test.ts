// DeepScaleR's published grader, rule by rule; and each of its known faults, which the exact mode does not share.
import { describe, expect, test } from 'vitest'
import { isSameByDeepscaler } from '../../../lib/reward/deepscaler/same-answer.js'
import { normalizeString } from '../../../lib/reward/deepscaler/string-rules.js'
import { symbolicForm } from '../../../lib/reward/deepscaler/symbolic-form.js'
import { gradeMath } from '../../../lib/reward/grade-math.js'

const isSame = (answer: string, gold: string) => isSameByDeepscaler(answer, gold).isSame
const verdict = (answer: string, gold: string, mode: 'exact' | 'deepscaler') =>
  gradeMath(`</think>\\boxed{${answer}}`, gold, { mode }).verdict

describe('known faults: the published grader accepts, the exact mode does not', () => {
  test.each([
    ['50\\%', '50'],
    ['\\text{second}', '\\text{minute}'],
    ['5\\text{ seconds}', '5\\text{ minutes}'],
    ['5 meters', '5 miles'],
    ['\\text{no}', '\\text{on}'], // letters are factors
    ['1267650600228229401496703205376', '1267650600228229401496703205377'], // a double cannot tell
  ])('%s for %s', (answer, gold) => {
    expect(verdict(answer, gold, 'deepscaler')).toBe('correct')
    expect(verdict(answer, gold, 'exact')).not.toBe('correct')
  })
})

describe('known faults: the published grader rejects, the exact mode accepts', () => {
  test.each([
    ['2/4', '1/2'],
    ['10^{6}', '1000000'],
    ['2\\cdot 3', '6'],
    ['a+b+c', 'c+b+a'],
    ['\\{1,2\\}', '\\{2,1\\}'],
    ['\\pm 2', '2,-2'],
    ['x\\in[0,1]', '[0,1]'],
    ['\\frac{x+1}{2}', '\\frac{1+x}{2}'], // the converter writes x+1/2
    ['x^{12}', 'x^{6}x^{6}'], // no powers of two digits
  ])('%s for %s', (answer, gold) => {
    expect(verdict(answer, gold, 'deepscaler')).toBe('wrong')
    expect(verdict(answer, gold, 'exact')).toBe('correct')
  })
})

test('a product of letters in another order is the same in both modes', () => {
  expect(verdict('ab', 'ba', 'deepscaler')).toBe('correct')
  expect(verdict('ab', 'ba', 'exact')).toBe('correct')
})

test('an answer whose thinking is not closed, or without a box, is unparsed; the opening tag is not asked for', () => {
  const mode = { mode: 'deepscaler' } as const
  expect(gradeMath('\\boxed{5}', '5', mode).verdict).toBe('unparsed')
  expect(gradeMath('so it is 5</think>it is 5', '5', mode).verdict).toBe('unparsed')
  expect(gradeMath('so it is 5</think>\\boxed{3} or \\boxed{5}', ['4', '5'], mode).verdict).toBe('correct')
})

test.each([
  ['\\text{ Evelyn }', 'Evelyn'],
  ['5\n', '5'],
  ['1,\\!000', '1,000'],
  ['\\left(1, 2\\right)', '(1,2)'],
  ['30^{\\circ}', '30'],
  ['30^\\circ', '30'],
  ['\\$5', '5'],
  ['50\\%', '50'],
  ['5\\text{ cm}', '5'],
  ['5\\text{ a}b\\text{ c}', '5\\text{ a}b\\text{ c}'], // two units: given up
  ['\\tfrac12', '\\frac{1}{2}'],
  ['\\dfrac1{72}', '\\frac{1}{72}'],
  ['\\frac{1}{2}', '\\frac{1}{2}'],
  ['\\frac1', '\\frac1'],
  ['.5x', '0.5x'],
  ['.5', '\\frac{1}{2}'],
  ['0.5', '\\frac{1}{2}'],
  ['\\sqrt{.5}', '\\sqrt{0.5}'],
  ['x=5', '5'],
  ['xy=5', '5'],
  ['xyz=5', 'xyz=5'],
  ['x=y=5', 'x=y=5'],
  ['\\sqrt3', '\\sqrt{3}'],
  ['x + 1', 'x+1'],
  ['3/4', '\\frac{3}{4}'],
  ['-3/4', '\\frac{-3}{4}'],
  ['03/4', '03/4'],
  ['a/b', 'a/b'],
  ['1/2/3', '1/2/3'],
  ['', ''],
])('the string rules make %j %j', (answer, expected) => {
  expect(normalizeString(answer)).toBe(expected)
})

test.each([
  ['1,000,000', '1000000'],
  ['3.0', '3'],
  ['1e3', '1000'],
  ['5 million', '5*10^6'],
  ['3 or 4', '3,4'],
  ['3 and 4', '3,4'],
  ['7 3/4', '7+3/4'],
  ['7\\frac{3}{4}', '7+3/4'],
  ['12 inches', '12'],
  ['5 cm^2', '5'],
  ['6 feet', '6'],
  ['30^\\circ', '30'],
  ['\\sqrt{2}', 'sqrt(2)'],
  ['\\sqrt[3]{2}', 'sqrt(2)'],
  ['2\\pi', '2pi'],
  ['[0,\\infty)', '[0,inf)'],
  ['A\\cup B', 'aub'],
  ['\\alpha\\unknown{3}', 'α3'],
  ['\\{1,2\\}', '1,2'],
  ['\\text{East}', 'east'],
  ['10^{6}', '10^6'],
  ['', ''],
])('the symbolic rules make %j %j', (answer, expected) => {
  expect(symbolicForm(answer)).toBe(expected)
})

describe('the symbolic comparison', () => {
  test.each([
    ['x+1', '1+x'],
    ['(x+1)^2', 'x^2+2x+1'],
    ['2(x+1)', '2x+2'],
    ['\\frac{\\sqrt{2}}{2}', '\\frac{1}{\\sqrt{2}}'],
    ['\\sqrt{8}', '2\\sqrt{2}'],
    ['1/2', '0.50'],
    ['(1, 2x)', '(1, x+x)'],
    ['[1,2)', '[1, 2.0)'],
    ['1,000', '1000.0'],
    ['\\ln(2)', '\\ln(2)+0'],
    ['3!', '3!+0x'],
    ['x \\cdot y', 'yx'],
    ['3\\pi', '\\pi\\cdot 3'],
  ])('finds %s the same as %s', (answer, gold) => {
    expect(isSame(answer, gold)).toBe(true)
  })

  test.each([
    ['x+1', 'x+2'],
    ['(1,2)', '[1,2]'],
    ['(1,2)', '(1,2,3)'],
    ['(1,2)', '(2,1)'],
    ['3', 'x'],
    ['\\text{}', '5'],
    ['5', ''],
    ['x=5', 'y=6'],
    ['((', '5x'],
    ['x in y', 'y in x'],
    ['0.333', '1/3'],
    ['2\\pi x', 'x 2\\pi'], // p, i and x are three letters
  ])('finds %j not the same as %j', (answer, gold) => {
    expect(isSame(answer, gold)).toBe(false)
  })

  test('says what decided', () => {
    expect(isSameByDeepscaler('(1,x)', '(1,y)')).toEqual({
      isSame: false,
      isRead: true,
      why: 'x is not y',
      answer: '(1,x)',
      gold: '(1,y)',
    })
  })
})
