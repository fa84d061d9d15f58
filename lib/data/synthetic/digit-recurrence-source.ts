// The digit recurrence as a source of problems, held-out problems and worked solutions, all drawn from the seed.
import { RandomStream } from '../../random.js'
import type { ProblemSource } from '../problem-source.js'
import type { Row } from '../row.js'
import {
  answerText,
  type DigitProblem,
  type DigitRecurrenceOptions,
  drawProblem,
  heldOutProblems,
  problemText,
  solutionText,
} from './digit-recurrence.js'

export interface SyntheticSource extends ProblemSource {
  /** `count` different problems that training never sees. */
  heldOutRows(count: number): Row[]
  /** Worked solutions for a supervised step; problems have at most `maxSteps` steps. */
  workedRows(step: number, count: number, options: { maxSteps: number }): (Row & { solution: string })[]
}

export function digitRecurrenceSource(options: DigitRecurrenceOptions, { seed }: { seed: number }): SyntheticSource {
  const { minSteps, maxSteps } = options
  return {
    rowsOf(step, count) {
      const random = new RandomStream(seed, `problems of step ${step}`)
      return Array.from({ length: count }, (_, i) =>
        rowOf(drawProblem(random, { minSteps, maxSteps, heldOut: false }), `step ${step}, problem ${i}`),
      )
    },
    heldOutRows(count) {
      // The same for every seed: runs are compared on the same problems.
      const problems = new RandomStream(0, 'held-out problems').shuffle(heldOutProblems({ minSteps, maxSteps }))
      return problems.slice(0, count).map((problem) => rowOf(problem, problemText(problem).trim()))
    },
    workedRows(step, count, { maxSteps: most }) {
      const random = new RandomStream(seed, `worked solutions of step ${step}`)
      return Array.from({ length: count }, (_, i) => {
        const problem = drawProblem(random, { minSteps, maxSteps: Math.min(most, maxSteps), heldOut: false })
        const row = rowOf(problem, `worked step ${step}, problem ${i}`)
        return { ...row, solution: solutionText(problem, random, options) }
      })
    },
  }
}

const rowOf = (problem: DigitProblem, id: string): Row => ({
  id,
  problem: problemText(problem),
  answer: answerText(problem),
})
