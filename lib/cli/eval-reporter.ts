// Shows an evaluation: how it goes on a terminal, its result as a table; or JSON lines for programs.
import type { Row } from '../data/row.js'
import type { GradedAnswer } from '../eval/evaluate.js'
import type { EvaluationSummary } from '../eval/statistics.js'
import { count, duration, percent, plural, table, withError } from './format.js'
import type { Output } from './reporter.js'

export interface Measured extends Omit<EvaluationSummary, 'standardError'> {
  /** Of passAt1, from the spread between problems; null where there is only one. */
  standardError: number | null
  /** For k = 1, 2, …, samplesPerProblem. */
  passAtK: number[]
}

export interface EvalSummary extends Measured {
  model: string
  dataset: string
  turn: string
  samplesPerProblem: number
  maxResponseTokens: number
  temperature: number
  topK: number
  topP: number
  seed: number
  seconds: number
}

export interface EvalReporter {
  problem(graded: { row: Row; answers: GradedAnswer[] }, progress: EvalProgress): void
  summary(summary: EvalSummary): void
  /** Ends the display; called once, also after a failure. */
  close(): void
}

interface EvalProgress {
  numProblems: number
  soFar: () => EvaluationSummary
}

/** One object a line: the problems in their order, then the summary. */
export function evalJson(output: Output): EvalReporter {
  const print = (event: object) => void output.write(`${JSON.stringify(event)}\n`)
  return {
    problem: ({ row, answers }) => {
      const numCorrect = answers.filter(({ isCorrect }) => isCorrect).length
      print({ type: 'problem', id: row.id, expected: row.answer, numSamples: answers.length, numCorrect, answers })
    },
    summary: (summary) => print({ type: 'summary', ...summary }),
    close: () => {},
  }
}

export function evalText(output: Output): EvalReporter {
  const live = output.isTTY === true
  const clearLine = live ? '\r\x1b[2K' : ''
  return {
    problem: (_, { numProblems, soFar }) => {
      if (!live) return
      const summary = soFar()
      const line = `problem ${summary.numProblems} of ${numProblems}  pass@1 ${scoreText(summary)}`
      output.write(clearLine + line.slice(0, (output.columns ?? 80) - 1))
    },
    summary: (summary) => void output.write(clearLine + summaryText(summary)),
    close: () => void output.write(clearLine),
  }
}

function summaryText(summary: EvalSummary): string {
  const { numProblems, samplesPerProblem, maxResponseTokens, temperature, numSamples, seconds } = summary
  const rows = [
    ['pass@1, %', scoreText(summary)],
    ...shownK(samplesPerProblem).map((k) => [`pass@${k}, %`, (100 * (summary.passAtK[k - 1] ?? 0)).toFixed(1)]),
    ['mean tokens', summary.meanTokens.toFixed(1)],
    ['truncated', percent(summary.truncatedShare)],
  ]
  const perSecond = count((summary.meanTokens * numSamples) / seconds)
  return [
    table([summary.model, summary.dataset], rows),
    '',
    `${plural(numProblems, 'problem')}, ${plural(samplesPerProblem, 'sample')} each, at most ${plural(maxResponseTokens, 'token')}, ` +
      `temperature ${temperature}; ${duration(seconds)}, ${perSecond} tokens/s`,
    '',
  ].join('\n')
}

/** Powers of two above 1, and the largest k. */
function shownK(most: number): number[] {
  const powers = Array.from({ length: 31 }, (_, i) => 2 ** (i + 1)).filter((k) => k < most)
  return most > 1 ? [...powers, most] : []
}

const scoreText = ({ passAt1, standardError }: { passAt1: number; standardError: number | null }): string =>
  standardError === null || Number.isNaN(standardError) ? (100 * passAt1).toFixed(1) : withError(passAt1, standardError)
