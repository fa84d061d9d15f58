// The grader on what nobody would call an answer: a verdict, in bounded time and memory, by counting its operations.
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type GradeOptions, gradeMath } from '../../lib/reward/grade-math.js'
import { GraderPool } from '../../lib/reward/pool/grader-pool.js'
import { hostileAnswers } from '../fixtures/grading/hostile-answers.mjs'
import { seconds, seed } from './harness.js'

const pool = new GraderPool()
afterAll(() => pool.dispose())

const hostile = Object.entries(hostileAnswers)
const modes = ['exact', 'deepscaler'] as const

describe.each(modes)(
  'hostile input in mode %s ends by its operations, not by the deadline, nor does a worker end by it',
  (mode) => {
    test.each<[string, GradeOptions, (text: string) => string]>([
      ['a bare answer', { isExtracted: true }, (text) => text],
      ['in a box', {}, (text) => `so</think>\\boxed{${text}}`],
      ['without a box', {}, (text) => text],
    ])('%s', async (_, options, write) => {
      const before = pool.counts
      const pairs = hostile.flatMap(([, text]) => [
        { answer: write(text), gold: '5' },
        { answer: write('5'), gold: text },
        { answer: write(text), gold: `${text}+0` },
      ])
      const grades = await pool.grade(pairs, { mode, ...options })
      const { deadlines, crashes } = pool.counts
      expect({ deadlines, crashes }).toEqual({ deadlines: before.deadlines, crashes: before.crashes })
      expect(grades.filter(({ why }) => why === '' || why.startsWith('the grader failed'))).toEqual([])
    })
  },
)

const fragments = [
  ...'0123456789xyzabie+-*/^_=<>()[]{}|!,.:;%$&\\ \n°√π∞±·×÷≤≥∈∪',
  ...[
    '\\frac',
    '\\dfrac{1}',
    '\\sqrt',
    '\\sqrt[3]',
    '\\pm',
    '\\cdot',
    '\\times',
    '\\le',
    '\\in',
    '\\cup',
    '\\infty',
    '\\pi',
  ],
  ...[
    '\\left(',
    '\\right)',
    '\\{',
    '\\}',
    '\\text{',
    '\\text{ cm}',
    '\\boxed{',
    '</think>',
    '\\begin{pmatrix}',
    '\\end{pmatrix}',
  ],
  ...[
    '\\sum_{k=1}^{',
    '\\binom{5}{',
    '\\log_2',
    '\\sin',
    'sqrt(',
    ' and ',
    ' or ',
    '\\%',
    '^\\circ',
    '10^{',
    '1,000',
    '3\\frac12',
    '\\\\',
  ],
]
const answerText = fc.oneof(
  fc.array(fc.constantFrom(...fragments), { maxLength: 40 }).map((parts) => parts.join('')),
  fc
    .tuple(fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 6 }), fc.nat(1500))
    .map(([parts, n]) => parts.join('').repeat(n).slice(0, 5000)),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 60 }),
  fc.constantFrom(...hostile.map(([, text]) => text).filter((text) => text.length < 5000)),
)
const options = fc.record({
  mode: fc.constantFrom(...modes),
  isExtracted: fc.boolean(),
  needsThinkingClosed: fc.boolean(),
})

test('any answer beside any gold gets a verdict, the same every time', () => {
  const property = fc.property(answerText, answerText, options, (answer, gold, options) => {
    const grade = gradeMath(answer, gold, options)
    expect(['correct', 'wrong', 'unparsed']).toContain(grade.verdict)
    expect(typeof grade.why).toBe('string')
    expect(gradeMath(answer, gold, options)).toEqual(grade)
  })
  fc.assert(property, { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: 1000 * seconds })
})
