// What the answers to a set say about a model. Samples of one problem are alike, so errors are from the spread between problems.
// A sample that failed is counted, and is neither right nor wrong.

import { requireArrays } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { bootstrapInterval, type Interval } from './bootstrap.js'
import { majorityAtEachK } from './majority.js'
import type { AnswerRecord, ProblemResult, Verdict } from './result-record.js'
import { seedOf } from './seed.js'
import { mean, meanPassAtK, standardErrorOfMean } from './statistics.js'

/** What the answers to a set say about a model. Shares are from 0 to 1, of the samples that did not fail. */
export interface Measures {
  /** With at least one answer. */
  numProblems: number
  /** Answers that did not fail. */
  numSamples: number
  /** Samples to which there is no answer; they count in nothing else. */
  numFailed: number
  /** The mean over problems of the share that is correct. */
  passAt1: number
  /** Of passAt1, clustered by problem; null where there is one problem only. */
  standardError: number | null
  /** Of passAt1, at 95%, by a bootstrap over problems; null where there is one problem only. */
  interval: Interval | null
  /**
   * Chance that one of k samples is right, without bias (Chen et al. 2021, arXiv 2107.03374, equation 1), for k = 1, 2, … up to the fewest
   * answers that a problem has.
   */
  passAtK: number[]
  /**
   * Chance that the answer which most of k samples give is right, for the same k; of several that are equally frequent one is taken at
   * random.
   */
  majorityAtK: number[]
  /** Mean length of an answer; null where a server does not say. */
  meanTokens: number | null
  /** Of right answers; null where there are none too. */
  meanTokensCorrect: number | null
  /** Of finished answers that are not correct; null where there are none too. */
  meanTokensWrong: number | null
  /** Cut at the limit, and so wrong. */
  truncatedShare: number
  /** Finished, and without a final answer. */
  unparsedShare: number
  /** Unparsed ones at which the grader hung or crashed. */
  numGraderFailures: number
}

type Answer = Omit<AnswerRecord, 'text'>

/**
 * What these problems' answers say about a model. The seed is the bootstrap's.
 * @throws {@link ArgumentError} where there is no answer that did not fail.
 */
export function measure(problems: readonly ProblemResult[], options: { seed: number }): Measures {
  requireArrays('evaluation', { problems })
  const seed = seedOf('evaluation', options)
  const numAll = problems.reduce((sum, { answers }) => sum + answers.length, 0)
  const answered = problems.map(({ answers }) => answers.filter(({ verdict }) => verdict !== 'failed'))
  const groups = answered.filter((answers) => answers.length > 0)
  if (groups.length === 0)
    throw new ArgumentError('[evaluation] expected at least one answer that did not fail, got none')
  const samples = groups.flat()
  const rates = groups.map(passRate)
  const standardError = standardErrorOfMean(rates)
  const most = Math.min(...groups.map((answers) => answers.length))
  const majorities = groups.map((answers) => majorityAtEachK(answers, most))
  const forEachK = (of: (k: number) => number) => Array.from({ length: most }, (_, i) => of(i + 1))
  return {
    numProblems: groups.length,
    numSamples: samples.length,
    numFailed: numAll - samples.length,
    passAt1: mean(rates),
    standardError: Number.isNaN(standardError) ? null : standardError,
    interval: bootstrapInterval(rates, { seed }),
    passAtK: forEachK((k) => meanPassAtK(groups, k)),
    majorityAtK: forEachK((k) => mean(majorities.map((shares) => shares[k - 1] as number))),
    meanTokens: meanTokens(samples),
    meanTokensCorrect: meanTokens(samples.filter(({ isCorrect }) => isCorrect)),
    meanTokensWrong: meanTokens(samples.filter(({ isCorrect, isFinished }) => isFinished && !isCorrect)),
    truncatedShare: shareOf(samples, 'truncated'),
    unparsedShare: shareOf(samples, 'unparsed'),
    numGraderFailures: samples.filter(({ failure }) => failure !== undefined).length,
  }
}

/** The mean of several sets' scores, each set counting alike, with its standard error; sets are independent. */
export function meanOfSets(sets: readonly Measures[]): {
  /** From 0 to 1. */
  passAt1: number
  /** null where one of the sets has none. */
  standardError: number | null
} {
  requireArrays('evaluation', { sets })
  const errors = sets.map(({ standardError }) => standardError)
  const isKnown = errors.every((error) => error !== null)
  const squares = errors.reduce<number>((sum, error) => sum + (error ?? 0) ** 2, 0)
  return {
    passAt1: mean(sets.map(({ passAt1 }) => passAt1)),
    standardError: isKnown ? Math.sqrt(squares) / sets.length : null,
  }
}

export const passRate = (answers: readonly Pick<Answer, 'isCorrect'>[]): number =>
  mean(answers.map(({ isCorrect }) => Number(isCorrect)))

function meanTokens(samples: readonly Answer[]): number | null {
  const counts = samples.map(({ numTokens }) => numTokens).filter((count) => count !== null)
  return counts.length === 0 || counts.length < samples.length ? null : mean(counts)
}

const shareOf = (samples: readonly Answer[], which: Verdict): number =>
  mean(samples.map(({ verdict }) => Number(verdict === which)))
