// What an evaluation says: pass@1 with its standard error, pass@k, lengths and truncation. Samples of one problem are alike,
// so problems are what is counted, and their number is what the error shrinks with.

import { requireArrays, requireNumbers, requireObjects } from '../arguments.js'
import { ArgumentError } from '../errors.js'

/** What counts of a graded answer. */
export interface EvaluatedSample {
  /** The reward said 1, or the grader that it is right. */
  isCorrect: boolean
  /** The stop token included. */
  numTokens: number
  /** It ended by itself, not at the limit. */
  isFinished: boolean
}

/** What samples of several problems say together. */
export interface EvaluationSummary {
  /** The mean over problems of the share of right samples, 0 to 1. */
  passAt1: number
  /** Of passAt1, from the spread between problems; NaN where there is only one. */
  standardError: number
  /** Mean length of a sample, in tokens, the stop token included. */
  meanTokens: number
  /** Share of the samples that were cut at the limit, 0 to 1. */
  truncatedShare: number
  /** How many problems there are. */
  numProblems: number
  /** How many samples of all of them. */
  numSamples: number
}

/**
 * `problems` holds the samples of each problem.
 * @throws {@link ArgumentError} without a problem, or without a sample of one.
 */
export function summarize(problems: readonly (readonly EvaluatedSample[])[]): EvaluationSummary {
  requireArrays('evaluation', { problems })
  if (problems.length === 0 || problems.some((samples) => samples.length === 0)) {
    throw new ArgumentError('[evaluation] expected at least one problem, and a sample of each')
  }
  const samples = problems.flat()
  const passRates = problems.map((ofProblem) => mean(ofProblem.map(({ isCorrect }) => Number(isCorrect))))
  return {
    passAt1: mean(passRates),
    standardError: standardErrorOfMean(passRates),
    meanTokens: mean(samples.map(({ numTokens }) => numTokens)),
    truncatedShare: mean(samples.map(({ isFinished }) => Number(!isFinished))),
    numProblems: problems.length,
    numSamples: samples.length,
  }
}

/**
 * The samples as a shorter limit would have cut them. Every token is drawn from a counter, so a shorter limit gives the
 * same tokens up to there: an answer counts if it was finished within the limit.
 * @param problems Of each problem its samples, as evaluate() gives them.
 * @param maxResponseTokens The shorter limit.
 * @throws {@link ArgumentError} for a sample that was cut before this limit: what it would have become is not known.
 */
export function cutAt(
  problems: readonly (readonly EvaluatedSample[])[],
  maxResponseTokens: number,
): EvaluatedSample[][] {
  requireArrays('evaluation', { problems })
  requireNumbers('evaluation', { maxResponseTokens })
  return problems.map((samples) => samples.map((sample) => cut(sample, maxResponseTokens)))
}

/**
 * Chance that one of k samples is correct, without bias, from n samples of which c were: 1 − C(n−c, k) / C(n, k) (Chen et al. 2021, arXiv
 * 2107.03374, equation 1).
 * @throws {@link ArgumentError} unless k is a whole number from 1 to n, and the counts are such of so many samples.
 */
export function passAtK(counts: { numSamples: number; numCorrect: number }, k: number): number {
  requireObjects('pass@k', { counts })
  requireNumbers('pass@k', { numSamples: counts.numSamples, numCorrect: counts.numCorrect })
  const { numSamples: n, numCorrect: c } = counts
  if (!Number.isInteger(n) || n < 1)
    throw new ArgumentError(`[pass@k] expected a whole number of at least 1 for numSamples, got ${n}`)
  if (!Number.isInteger(c) || c < 0 || c > n)
    throw new ArgumentError(`[pass@k] expected a whole number from 0 to ${n} for numCorrect, got ${c}`)
  if (!(Number.isInteger(k) && k >= 1 && k <= n)) {
    throw new ArgumentError(`[pass@k] expected a whole k from 1 to ${n}, the number of samples, got ${k}`)
  }
  let allWrong = 1
  for (let i = n - c + 1; i <= n; i++) allWrong *= Math.max(0, 1 - k / i)
  return 1 - allWrong
}

/**
 * pass@k over problems: the mean of each problem's own estimate.
 * @throws {@link ArgumentError} where a problem has fewer than k samples.
 */
export function meanPassAtK(problems: readonly (readonly Pick<EvaluatedSample, 'isCorrect'>[])[], k: number): number {
  requireArrays('pass@k', { problems })
  const estimates = problems.map((samples) => {
    const numCorrect = samples.filter(({ isCorrect }) => isCorrect).length
    return passAtK({ numSamples: samples.length, numCorrect }, k)
  })
  return mean(estimates)
}

function cut(sample: EvaluatedSample, limit: number): EvaluatedSample {
  if (sample.isFinished && sample.numTokens <= limit) return sample
  if (!sample.isFinished && sample.numTokens < limit) {
    throw new ArgumentError(
      `[evaluation] a sample cut at ${sample.numTokens} tokens says nothing of the limit ${limit}`,
    )
  }
  return { isCorrect: false, isFinished: false, numTokens: limit }
}

/** From the spread of the values; NaN where there is only one. */
export function standardErrorOfMean(values: readonly number[]): number {
  const center = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
