// Shows graded pairs: the verdicts that are not as expected and the totals as text; or JSON lines for programs.
import type { Grade } from '../reward/grade-math.js'
import { count, percent, plural, table } from './format.js'
import type { GradeTotals } from './grade-totals.js'
import { harmless } from './harmless.js'
import type { Output } from './reporter.js'

export interface GradedLine {
  /** In the file, counted from 1. */
  line: number
  /** What the line says, with all its fields. */
  fields: Readonly<Record<string, unknown>>
  expected: boolean | undefined
  grade: Grade
}

export interface GradeSummary extends GradeTotals {
  file: string
  mode: string
  seconds: number
  pairsPerSecond: number
}

export interface GradeReporter {
  pair(graded: GradedLine): void
  summary(summary: GradeSummary): void
}

/** Each line with `verdict` and `why` added, then the summary. */
export function gradeJson(output: Output): GradeReporter {
  const print = (value: object) => void output.write(`${JSON.stringify(value)}\n`)
  return {
    pair: ({ fields, grade: { verdict, why } }) => print({ ...fields, verdict, why }),
    summary: (summary) => print({ type: 'summary', ...summary }),
  }
}

/** Verdicts that are not as expected are shown, up to so many. */
const mostShown = 20

export function gradeText(output: Output): GradeReporter {
  let numUnexpected = 0
  return {
    pair: (graded) => {
      if (graded.expected === undefined || graded.expected === (graded.grade.verdict === 'correct')) return
      if (++numUnexpected <= mostShown) output.write(`${unexpectedText(graded)}\n`)
    },
    summary: (summary) => {
      if (numUnexpected > mostShown) output.write(`… and ${numUnexpected - mostShown} more; --json has them all\n`)
      output.write(`${numUnexpected > 0 ? '\n' : ''}${summaryText(summary)}\n`)
    },
  }
}

function unexpectedText({ line, fields, expected, grade }: GradedLine): string {
  const pair = `${shortened(fields.pred)} for ${shortened(fields.gold)}`
  return `line ${line}: ${grade.verdict}, not ${expected ? 'correct' : 'wrong'}: ${pair}: ${harmless(grade.why)}`
}

function shortened(value: unknown): string {
  const text = harmless(JSON.stringify(value))
  return text.length <= 60 ? text : `${text.slice(0, 28)}…${text.slice(-28)}`
}

function summaryText(summary: GradeSummary): string {
  const { file, numPairs, numExpected, seconds, pairsPerSecond } = summary
  const { correct, wrong, unparsed, agreement, falsePositives, falseNegatives } = summary
  const verdicts = Object.entries({ correct, wrong, unparsed }).map(([name, n]) => [name, `${n}`])
  const judged = [
    ['as expected', `${agreement} of ${numExpected}, ${percent(agreement / numExpected)}`],
    ['false positives', `${falsePositives}`],
    ['false negatives', `${falseNegatives}`],
  ]
  return [
    table([file, plural(numPairs, 'pair')], [...verdicts, ...(numExpected > 0 ? judged : [])]),
    '',
    `${seconds.toFixed(2)} s, ${count(pairsPerSecond)} pairs/s, mode ${summary.mode}`,
  ].join('\n')
}
