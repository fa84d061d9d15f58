// What a file of graded pairs adds up to.
import type { Grade } from '../reward/grade-math.js'

export interface GradeTotals {
  numPairs: number
  correct: number
  wrong: number
  unparsed: number
  /** Pairs that say what to expect. Of them: */
  numExpected: number
  /** those whose verdict is as expected, */
  agreement: number
  /** those found correct that should not be, */
  falsePositives: number
  /** and those not found correct, unparsed ones included, that should be. */
  falseNegatives: number
}

export const noPairs: GradeTotals = {
  numPairs: 0,
  correct: 0,
  wrong: 0,
  unparsed: 0,
  numExpected: 0,
  agreement: 0,
  falsePositives: 0,
  falseNegatives: 0,
}

/** The totals with one pair more. */
export function withPair(totals: GradeTotals, { verdict }: Grade, expected: boolean | undefined): GradeTotals {
  const isCorrect = verdict === 'correct'
  const counted = { ...totals, numPairs: totals.numPairs + 1, [verdict]: totals[verdict] + 1 }
  if (expected === undefined) return counted
  return {
    ...counted,
    numExpected: totals.numExpected + 1,
    agreement: totals.agreement + Number(isCorrect === expected),
    falsePositives: totals.falsePositives + Number(isCorrect && !expected),
    falseNegatives: totals.falseNegatives + Number(!isCorrect && expected),
  }
}
