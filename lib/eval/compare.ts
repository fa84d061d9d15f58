// Two evaluations of the same problems, paired by problem: what is hard for one is hard for the other, so the differences say more
// than two error bars side by side.

import { requireArrays } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { RandomStream } from '../random.js'
import { bootstrapInterval, type Interval } from './bootstrap.js'
import { passRate } from './measure.js'
import type { ProblemResult } from './result-record.js'
import { seedOf } from './seed.js'
import { mean, standardErrorOfMean } from './statistics.js'

/** How far two models are apart on the same problems. */
export interface PairedDifference {
  /** Problems that both have answered. */
  numProblems: number
  /** Of each, over these problems: the mean of the share of right answers, 0 to 1. */
  passAt1: [first: number, second: number]
  /** Second minus first, the mean over problems, from −1 to 1. */
  difference: number
  /** Of the difference, from its spread between problems; null where there is one problem only. */
  standardError: number | null
  /** Of the difference, at 95%, by a bootstrap over problems; null where there is one problem only. */
  interval: Interval | null
  /** Two-sided: how often chance alone gives as large a difference, if the two are alike on every problem. */
  pValue: number
}

/** Two evaluations, paired by problem. */
export interface Comparison {
  /** Each set that both have answered problems of. */
  sets: (PairedDifference & {
    /** Of the set. */
    name: string
  })[]
  /** All problems together. */
  all: PairedDifference
  /** Problems that only one of the two has answered. */
  numUnpaired: [first: number, second: number]
}

const numFlips = 20_000
/** Up to so many problems that differ, every way to flip them is tried. */
const mostEnumerated = 14

/**
 * Compares two evaluations problem by problem, paired by set and id; samples that failed are left out. The seed is the bootstrap's and that
 * of the flips of signs.
 * @throws {@link ArgumentError} where no problem has answers in both, and where a problem's expected answer differs: it is another problem.
 */
export function compareResults(
  first: readonly ProblemResult[],
  second: readonly ProblemResult[],
  options: { seed: number },
): Comparison {
  requireArrays('compare', { first, second })
  const seed = seedOf('compare', options)
  const others = new Map(answeredOf(second).map((problem) => [keyOf(problem), problem]))
  const pairs = answeredOf(first).flatMap((problem) => {
    const other = others.get(keyOf(problem))
    return other ? [pairOf(problem, other)] : []
  })
  if (pairs.length === 0) throw new ArgumentError('[compare] expected problems that both have answered, got none')
  const names = [...new Set(pairs.map(({ set }) => set))]
  return {
    sets: names.map((name) => ({
      name,
      ...pairedDifference(
        pairs.filter(({ set }) => set === name),
        { seed },
      ),
    })),
    all: pairedDifference(pairs, { seed }),
    numUnpaired: [answeredOf(first).length - pairs.length, others.size - pairs.length],
  }
}

/**
 * The difference between two models, from their pass rates, 0 to 1, by problem. Interval: a percentile bootstrap (Efron 1979). p: flips of
 * the differences' signs (Fisher 1935, section 21), every way to flip up to 14 that are not 0, else 20,000 drawn ones. Of no pairs the
 * means are NaN.
 */
export function pairedDifference(
  pairs: readonly { rates: readonly [number, number] }[],
  options: { seed: number },
): PairedDifference {
  requireArrays('compare', { pairs })
  const seed = seedOf('compare', options)
  const differences = pairs.map(({ rates: [a, b] }) => b - a)
  const standardError = standardErrorOfMean(differences)
  return {
    numProblems: pairs.length,
    passAt1: [mean(pairs.map(({ rates }) => rates[0])), mean(pairs.map(({ rates }) => rates[1]))],
    difference: mean(differences),
    standardError: Number.isNaN(standardError) ? null : standardError,
    interval: bootstrapInterval(differences, { seed }),
    pValue: signFlipPValue(differences, { seed }),
  }
}

/**
 * Were the two models alike, each problem's difference might as well have had the other sign (Fisher, "The design of experiments",
 * 1935, section 21). Drawn flips count the data as one of them, so that the test is exact (Phipson and Smyth, 2010).
 */
export function signFlipPValue(differences: readonly number[], { seed }: { seed: number }): number {
  const moved = differences.filter((difference) => difference !== 0)
  const observed = Math.abs(sumOf(moved))
  const scale = moved.reduce((sum, difference) => sum + Math.abs(difference), 0)
  const isAsLarge = (sum: number) => Math.abs(sum) >= observed - 1e-9 * scale
  if (moved.length <= mostEnumerated) return enumeratedShare(moved, isAsLarge)
  const random = new RandomStream(seed, 'evaluation sign flips')
  let numAsLarge = 1
  for (let i = 0; i < numFlips; i++) if (isAsLarge(randomlyFlippedSum(moved, random))) numAsLarge++
  return numAsLarge / (numFlips + 1)
}

function enumeratedShare(values: readonly number[], isAsLarge: (sum: number) => boolean): number {
  const numWays = 2 ** values.length
  let numAsLarge = 0
  for (let way = 0; way < numWays; way++)
    if (isAsLarge(values.reduce((sum, value, i) => sum + (way & (1 << i) ? -value : value), 0))) numAsLarge++
  return numAsLarge / numWays
}

function randomlyFlippedSum(values: readonly number[], random: RandomStream): number {
  let sum = 0
  let bits = 0
  for (let i = 0; i < values.length; i++) {
    if (i % 32 === 0) bits = random.word()
    const value = values[i] as number
    sum += bits & (1 << (i % 32)) ? -value : value
  }
  return sum
}

function pairOf(a: ProblemResult, b: ProblemResult): { set: string; rates: [number, number] } {
  if (JSON.stringify([a.expected].flat()) !== JSON.stringify([b.expected].flat())) {
    const [expected, got] = [a, b].map(({ expected }) => JSON.stringify(expected))
    const problem = `problem ${JSON.stringify(a.id)} of ${a.set}`
    throw new ArgumentError(`[compare] expected the same answer to ${problem} in both, got ${expected} and ${got}`)
  }
  return { set: a.set, rates: [passRate(a.answers), passRate(b.answers)] }
}

/** Failed samples aside. */
const answeredOf = (problems: readonly ProblemResult[]): ProblemResult[] =>
  problems
    .map((problem) => ({ ...problem, answers: problem.answers.filter(({ verdict }) => verdict !== 'failed') }))
    .filter(({ answers }) => answers.length > 0)

const keyOf = ({ set, id }: ProblemResult): string => JSON.stringify([set, id])
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
