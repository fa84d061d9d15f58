// What an evaluation says: pass@1 with its standard error, pass@k, lengths and truncation. Samples of one problem are alike,
// so problems are what is counted, and their number is what the error shrinks with.
import { ArgumentError } from '../errors.js'

export interface EvaluatedSample {
  isCorrect: boolean
  /** The stop token included. */
  numTokens: number
  /** It ended by itself, not at the limit. */
  isFinished: boolean
}

export interface EvaluationSummary {
  passAt1: number
  /** Of passAt1, from the spread between problems; NaN where there is only one. */
  standardError: number
  meanTokens: number
  truncatedShare: number
  numProblems: number
  numSamples: number
}

/** `problems` holds the samples of each problem. */
export function summarize(problems: readonly (readonly EvaluatedSample[])[]): EvaluationSummary {
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
 */
export function cutAt(
  problems: readonly (readonly EvaluatedSample[])[],
  maxResponseTokens: number,
): EvaluatedSample[][] {
  return problems.map((samples) => samples.map((sample) => cut(sample, maxResponseTokens)))
}

/** Chance that one of k samples is correct, without bias, from n samples of which c were: 1 − C(n−c, k) / C(n, k). */
export function passAtK(counts: { numSamples: number; numCorrect: number }, k: number): number {
  const { numSamples: n, numCorrect: c } = counts
  if (!(Number.isInteger(k) && k >= 1 && k <= n)) {
    throw new ArgumentError(`[pass@k] expected a whole k from 1 to ${n}, the number of samples, got ${k}`)
  }
  let allWrong = 1
  for (let i = n - c + 1; i <= n; i++) allWrong *= Math.max(0, 1 - k / i)
  return 1 - allWrong
}

/** pass@k over problems: the mean of each problem's own estimate. */
export function meanPassAtK(problems: readonly (readonly Pick<EvaluatedSample, 'isCorrect'>[])[], k: number): number {
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
