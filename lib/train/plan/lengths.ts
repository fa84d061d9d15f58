// How long answers are taken to be: a distribution by its quantiles, cut at a limit as the answers are.
import { ArgumentError } from '../../errors.js'

/** A distribution of lengths of answers. */
export interface Lengths {
  /** For people: where they come from. */
  what: string
  /** In tokens. */
  mean: number
  /** The p-quantile for p in [0, 1], in tokens, 1 at least. */
  at(p: number): number
}

const numQuantiles = 2000

/** Every answer as long as it may be. */
export const allAtLimit = (limit: number): Lengths => ({
  what: 'every answer at the limit',
  mean: limit,
  at: () => limit,
})

/**
 * A Weibull distribution of shape 1.5, whose deviation is two thirds of its mean, cut at the limit, its scale such that the mean
 * of the cut lengths is as asked. With the 3,500 of 8,192 tokens that DeepScaleR's first stage came to it cuts 5% of the answers;
 * they saw 4.2% to 6.5%.
 */
export function cutWeibull({ mean, limit }: { mean: number; limit: number }): Lengths {
  if (!(mean >= 1 && mean <= limit))
    throw new ArgumentError(`[plan] expected a mean from 1 to the limit of ${limit} tokens, got ${mean}`)
  if (mean > 0.995 * limit) return allAtLimit(limit)
  let [low, high] = [0, 1]
  while (cutMean(high, limit) < mean) [low, high] = [high, 2 * high]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (cutMean(middle, limit) < mean) low = middle
    else high = middle
  }
  return { what: `mean of ${Math.round(mean)} tokens`, mean, at: (p) => cutLength(p, high, limit) }
}

/** Lengths as they were seen, cut at the limit. */
export function seenLengths(values: readonly number[], limit: number, what: string): Lengths {
  if (values.length === 0) throw new ArgumentError('[plan] expected lengths, got none')
  const sorted = values.map((value) => Math.min(value, limit)).sort((a, b) => a - b)
  return {
    what,
    mean: meanOf(sorted),
    at: (p) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] as number,
  }
}

/**
 * So many answers' lengths, whole tokens, in an order that mixes short and long: that of the multiples of the golden ratio, so that
 * a plan is the same each time. The longest of `outOf` answers is among them.
 */
export function answerLengths(lengths: Lengths, count: number, { outOf = count }: { outOf?: number } = {}): number[] {
  const places = Array.from({ length: count }, (_, i) => i)
  const key = (i: number) => (i * 0.6180339887498949) % 1
  places.sort((a, b) => key(a) - key(b))
  const longest = lengths.at(1 - 0.5 / outOf)
  return places.map((place) => {
    const length = place === count - 1 ? longest : lengths.at((place + 0.5) / count)
    return Math.max(1, Math.round(length))
  })
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const shape = 1.5

const cutLength = (p: number, scale: number, limit: number): number =>
  Math.min(limit, Math.max(1, scale * (-Math.log(Math.max(1 - p, Number.MIN_VALUE))) ** (1 / shape)))

function cutMean(scale: number, limit: number): number {
  let sum = 0
  for (let i = 0; i < numQuantiles; i++) sum += cutLength((i + 0.5) / numQuantiles, scale, limit)
  return sum / numQuantiles
}
