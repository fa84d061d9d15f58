// Shows an evaluation: how it goes on a terminal, its result as a table; or JSON lines for programs.
import type { Measures } from '../../eval/measure.js'
import type { ProblemRecord, Protocol } from '../../eval/result-record.js'
import { mean, standardErrorOfMean } from '../../eval/statistics.js'
import { count, duration, percent, plural, table, withError } from '../format.js'
import type { Output } from '../reporter.js'

/** The measures at the top are of all problems together. */
export interface EvalSummary extends Measures, Protocol {
  model: string
  sets: ({ name: string; dataset: string } & Measures)[]
  /** Each set counts alike. */
  meanOfSets: { passAt1: number; standardError: number | null }
  /** Where results and report are, if they were to be kept. */
  out?: string | undefined
  /** Of this call, and the answers that it asked for. */
  seconds: number
  numAnswered: number
}

export interface EvalReporter {
  problem(record: ProblemRecord, progress: { numProblems: number }): void
  summary(summary: EvalSummary): void
  /** Ends the display; called once, also after a failure. */
  close(): void
}

/** One object a line: the problems as they are answered, then the summary. */
export function evalJson(output: Output): EvalReporter {
  const print = (event: object) => void output.write(`${JSON.stringify(event)}\n`)
  return {
    problem: (record) => print(record),
    summary: (summary) => print({ type: 'summary', ...summary }),
    close: () => {},
  }
}

export function evalText(output: Output): EvalReporter {
  const live = output.isTTY === true
  const clearLine = live ? '\r\x1b[2K' : ''
  const rates: number[] = []
  return {
    problem: ({ set, numCorrect, numSamples }, { numProblems }) => {
      rates.push(numCorrect / numSamples)
      if (!live) return
      const score = scoreText({ passAt1: mean(rates), standardError: standardErrorOfMean(rates) })
      const line = `problem ${rates.length} of ${numProblems}  ${set}  pass@1 so far ${score}`
      output.write(clearLine + line.slice(0, (output.columns ?? 80) - 1))
    },
    summary: (summary) => void output.write(clearLine + summaryText(summary)),
    close: () => void output.write(clearLine),
  }
}

function summaryText(summary: EvalSummary): string {
  const { sets, samplesPerProblem, maxResponseTokens, temperature, seconds, numAnswered } = summary
  const lines = [summaryTable(summary), '']
  const numProblems = sets.reduce((sum, set) => sum + set.numProblems, 0)
  const perSecond =
    summary.meanTokens === null ? '' : `, ${count((summary.meanTokens * numAnswered) / seconds)} tokens/s`
  lines.push(
    `${plural(numProblems, 'problem')}, ${plural(samplesPerProblem, 'sample')} each, at most ${plural(maxResponseTokens, 'token')}, ` +
      `temperature ${temperature}; ${duration(seconds)}${perSecond}`,
  )
  if (summary.out !== undefined) lines.push(`every sample and the report are in ${summary.out}`)
  return `${lines.join('\n')}\n`
}

function summaryTable({ model, sets, meanOfSets }: EvalSummary): string {
  const most = Math.max(...sets.map(({ passAtK }) => passAtK.length))
  const row = (title: string, of: (set: Measures) => string, last = '') =>
    [title, ...sets.map(of), last].slice(0, width)
  const width = sets.length > 1 ? sets.length + 2 : 2
  const rows = [
    row('pass@1, %', scoreText, scoreText(meanOfSets)),
    row('95% interval', ({ interval }) => (interval ? interval.map(points).join(' to ') : '–')),
    ...shownK(most).map((k) => row(`pass@${k}, %`, ({ passAtK }) => points(passAtK[k - 1]))),
    ...(most > 1 ? [row(`majority@${most}, %`, ({ majorityAtK }) => points(majorityAtK[most - 1]))] : []),
    row('mean tokens', ({ meanTokens }) => meanTokens?.toFixed(1) ?? '–'),
    row('truncated', ({ truncatedShare }) => percent(truncatedShare)),
    row('unparsed', ({ unparsedShare }) => percent(unparsedShare)),
  ]
  if (sets.some(({ numFailed }) => numFailed > 0)) rows.push(row('failed samples', ({ numFailed }) => `${numFailed}`))
  const names = sets.length > 1 ? sets.map(({ name }) => name) : sets.map(({ dataset }) => dataset)
  return table([model, ...names, 'mean of sets'].slice(0, width), rows)
}

/** Powers of two above 1, and the largest k. */
function shownK(most: number): number[] {
  const powers = Array.from({ length: 31 }, (_, i) => 2 ** (i + 1)).filter((k) => k < most)
  return most > 1 ? [...powers, most] : []
}

const points = (share: number | undefined): string => (share === undefined ? '–' : (100 * share).toFixed(1))

const scoreText = ({ passAt1, standardError }: Pick<EvalSummary, 'passAt1' | 'standardError'>): string =>
  standardError === null || Number.isNaN(standardError) ? points(passAt1) : withError(passAt1, standardError)
