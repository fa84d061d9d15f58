import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  answerText,
  digitRecurrenceTokenizer,
  drawProblem,
  heldOutProblems,
  isHeldOut,
  problemText,
  solutionText,
} from '../../lib/data/synthetic/digit-recurrence.js'
import { RandomStream } from '../../lib/random.js'
import { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../../lib/tokenizer/word-level.js'

const sloppy = { minSteps: 2, maxSteps: 20, slip: 0.1, mend: 0.5, recheck: 0.3 }
const tidy = { ...sloppy, slip: 0, recheck: 0 }

describe('digit recurrence', () => {
  it('is worked by hand: 3, 4 → 4, 7 → 7, 1 → 1, 8', () => {
    const problem = { steps: 3, x: 3, y: 4, sign: 1 } as const
    expect(problemText(problem)).toBe(' 3:3+4')
    expect(answerText(problem)).toBe('18')
    expect(solutionText(problem, new RandomStream(1, 'x'), tidy)).toBe(' 3:3+4=7 2:4+7=1 1:7+1=8</think>\\boxed{18}')
  })

  it('works subtraction modulo ten: 3, 4 → 4, 9 → 9, 5', () => {
    expect(answerText({ steps: 2, x: 3, y: 4, sign: -1 })).toBe('95')
  })

  it('never draws a held-out problem for training, nor the reverse', () => {
    const random = new RandomStream(7, 'problems')
    for (let i = 0; i < 2000; i++) {
      expect(isHeldOut(drawProblem(random, { ...sloppy, heldOut: false }))).toBe(false)
      expect(isHeldOut(drawProblem(random, { ...sloppy, heldOut: true }))).toBe(true)
    }
  })

  it('lists every held-out problem once', () => {
    const problems = heldOutProblems({ minSteps: 2, maxSteps: 20 })
    expect(problems.every(isHeldOut)).toBe(true)
    expect(new Set(problems.map(problemText)).size).toBe(19 * 20)
  })

  it('carries an unmended slip on into the box, and rechecks when told to', () => {
    const random = new RandomStream(3, 'solutions')
    const problems = Array.from({ length: 500 }, () => drawProblem(random, { ...sloppy, heldOut: false }))
    const worked = problems.map((problem) => ({ problem, solution: solutionText(problem, random, sloppy) }))
    const numRight = worked.filter(({ problem, solution }) =>
      solution.endsWith(`\\boxed{${answerText(problem)}}`),
    ).length
    expect(numRight).toBeGreaterThan(100)
    expect(numRight).toBeLessThan(450)
    expect(worked.some(({ solution }) => solution.includes(' wait'))).toBe(true)
  })

  it('round-trips through its tokenizer, four tokens a step', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lengthen-'))
    await writeWordLevelTokenizer(folder, digitRecurrenceTokenizer())
    const tokenizer = await Tokenizer.load(folder)
    const problem = { steps: 12, x: 3, y: 4, sign: -1 } as const
    const solution = solutionText(problem, new RandomStream(1, 'x'), tidy)
    const ids = tokenizer.encode(solution)
    expect(ids.length).toBe(12 * 4 + 5)
    expect(tokenizer.decode(ids)).toBe(solution)
    const prompt = await tokenizer.chatTemplate.render([{ role: 'user', content: problemText(problem) }], {
      addGenerationPrompt: true,
    })
    expect(prompt).toBe(' 12:3-4<think>')
    expect(tokenizer.encode(prompt).length).toBe(4)
  })
})
