import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Grade, gradeMath } from '../../../lib/reward/grade-math.js'
import { allPairs, symmetricPairs } from './corpus.js'
import { Draw } from './draw.js'
import { respaced } from './spell.js'

const grade = (answer: string, gold: string): Grade => gradeMath(answer, gold, { isExtracted: true })
const verdict = (answer: string, gold: string): string => grade(answer, gold).verdict

/** Every step-th of a list, so that a property over many pairs stays quick. */
const every = <T>(step: number, list: readonly T[]): T[] => list.filter((_, index) => index % step === 0)

test('every answer is the same as itself', () => {
  const answers = new Set(every(3, allPairs()).flatMap(({ answer, gold }) => [answer, gold]))
  expect([...answers].filter((answer) => verdict(answer, answer) !== 'correct')).toEqual([])
})

test('the verdict stays when the answer and the gold change places', () => {
  const failures = every(4, symmetricPairs()).filter(
    ({ answer, gold, isSame }) => verdict(gold, answer) !== (isSame ? 'correct' : 'wrong'),
  )
  expect(failures.map(({ answer, gold }) => `${gold}  |  ${answer}`)).toEqual([])
})

test('other gaps change no verdict', () => {
  const draw = new Draw(7)
  const failures = every(4, allPairs()).flatMap(({ answer, gold, isSame }) => {
    const loose = ` ${draw.pick(['', '\\,', '\\!', '\\;', '\\quad '])}${respaced(draw, answer)} `
    return verdict(loose, gold) === (isSame ? 'correct' : 'wrong') ? [] : [`${loose}  |  ${gold}`]
  })
  expect(failures).toEqual([])
})

/** Sized brackets for plain ones, where a bracket is a bracket and nothing is sized yet. */
function sized(text: string): string {
  if (/\\text|\\sqrt\[|\\left|\\begin|\\mathrm|\|/.test(text)) return text
  return text.replace(/\\\{|[([]/g, '\\left$&').replace(/\\\}|[)\]]/g, '\\right$&')
}

test('\\left and \\right change no verdict', () => {
  const pairs = allPairs().filter(({ answer, gold }) => sized(answer) !== answer || sized(gold) !== gold)
  const failures = every(3, pairs).flatMap(({ answer, gold, isSame }) =>
    verdict(sized(answer), sized(gold)) === (isSame ? 'correct' : 'wrong')
      ? []
      : [`${sized(answer)}  |  ${sized(gold)}`],
  )
  expect(failures).toEqual([])
})

test('dollars around an answer change no verdict', () => {
  const pairs = allPairs().filter(({ answer, gold }) => !/\$|\.$/.test(answer) && !/\$|\.$/.test(gold))
  const failures = every(5, pairs).flatMap(({ answer, gold, isSame }) =>
    verdict(`$${answer}$`, `\\(${gold}\\)`) === (isSame ? 'correct' : 'wrong') ? [] : [`$${answer}$  |  \\(${gold}\\)`],
  )
  expect(failures).toEqual([])
})

test('whole numbers of any size are the same exactly when they are equal', () => {
  const whole = fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n })
  fc.assert(
    fc.property(whole, fc.oneof(fc.constant(0n), fc.bigInt({ min: -2n, max: 2n }), whole), (value, step) => {
      expect(verdict(`${value + step}`, `${value}`)).toBe(step === 0n ? 'correct' : 'wrong')
    }),
  )
})

test('fractions are the same exactly when their cross products are equal', () => {
  const part = fc.bigInt({ min: 1n, max: 10n ** 20n })
  fc.assert(
    fc.property(part, part, part, fc.bigInt({ min: -1n, max: 1n }), (top, bottom, factor, step) => {
      const [otherTop, otherBottom] = [top * factor + step, bottom * factor]
      const isEqual = otherTop * bottom === top * otherBottom
      expect(verdict(`\\frac{${otherTop}}{${otherBottom}}`, `${top}/${bottom}`)).toBe(isEqual ? 'correct' : 'wrong')
    }),
  )
})

test('with several golds one of them is enough', () => {
  const failures = every(20, allPairs()).filter(({ answer, gold, isSame }) => {
    const { verdict: found } = gradeMath(answer, ['\\text{no such answer}', gold], { isExtracted: true })
    return found !== (isSame ? 'correct' : 'wrong')
  })
  expect(failures).toEqual([])
})

const verdicts = ['correct', 'wrong', 'unparsed']

/** Grades twice, bare and through extraction, and asks for the same valid grade both times. */
function expectCalm(answer: string, gold: string): void {
  for (const isExtracted of [true, false]) {
    const first = gradeMath(answer, gold, { isExtracted })
    expect(verdicts).toContain(first.verdict)
    expect(typeof first.why).toBe('string')
    expect(gradeMath(answer, gold, { isExtracted })).toEqual(first)
  }
}

const pieces = (
  '\\frac \\sqrt \\boxed \\left \\right \\begin{pmatrix} \\end{pmatrix} \\text \\sum_ \\prod \\binom \\int \\log_ \\sin \\pm ' +
  '\\cup \\infty \\pi \\mathbb{R} \\def\\a{\\a} \\a \\over \\choose \\lfloor \\rceil \\{ \\} \\\\ \\, \\! \\ \\ & { } ( ) [ ] | < > = ' +
  '!= + - * / ^ _ ! % $ # ~ , ; : . 0 1 9 10 99 0.5 x y i e C and or mod </think> √ π ∞ ° ½ ² ≤ − ∪'
).split(' ')

const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((list) => list.join(''))
const halves = fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 20 })
const surrogates = halves.map((list) => String.fromCharCode(...list))
const anything = fc.oneof(soup, surrogates, fc.string({ unit: 'binary' }), fc.string())

test('any two strings get a valid verdict, the same one each time', () => {
  fc.assert(fc.property(anything, anything, expectCalm), { numRuns: 400, seed: 3 })
})

test('no string differs from itself', () => {
  const check = (text: string): void => {
    expect(verdict(text, text)).not.toBe('wrong')
  }
  fc.assert(fc.property(anything, check), { numRuns: 300, seed: 5 })
})

test('answers that are cut, doubled or torn get a valid verdict', () => {
  const pairs = every(5, allPairs())
  const place = fc.nat({ max: 200 })
  fc.assert(
    fc.property(fc.constantFrom(...pairs), place, place, soup, ({ answer, gold }, from, length, filler) => {
      expectCalm(answer.slice(0, from) + filler + answer.slice(from + length), gold)
      expectCalm(answer, gold.slice(from % (gold.length + 1)))
    }),
    { numRuns: 200, seed: 11 },
  )
})

const megabytes = [
  '\\',
  '{',
  '}',
  '(',
  '-',
  '1',
  '^',
  '\\boxed{',
  '\\frac',
  '\\sqrt',
  '1,',
  'x',
  '\ud800',
  '$',
  '\\left(',
  '9!',
  '|',
]

test.each(megabytes)('a megabyte of %j gets a valid verdict', (piece) => {
  const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
  expectCalm(text, '1')
  expectCalm('\\boxed{1}', text)
  expectCalm(`\\boxed{${text}}`, text)
})
