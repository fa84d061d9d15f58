// A percentile bootstrap (Efron, "Bootstrap methods: another look at the jackknife", 1979): draw as many values as there are, with
// replacement, again and again; the middle 95% of the means is the interval. The values are one a problem, so that the samples of
// a problem stay together.
import { RandomStream } from '../random.js'

/** Both ends of an interval, in the unit of the values. */
export type Interval = [low: number, high: number]

const numResamples = 5000
const level = 0.95

/** Of the mean, at 95%. The seed makes it repeatable; fewer than two values have none. */
export function bootstrapInterval(values: readonly number[], { seed }: { seed: number }): Interval | null {
  if (values.length < 2) return null
  const random = new RandomStream(seed, 'evaluation bootstrap')
  const means = Float64Array.from({ length: numResamples }, () => resampledMean(values, random)).sort()
  const beyond = (1 - level) / 2
  return [quantile(means, beyond), quantile(means, 1 - beyond)]
}

function resampledMean(values: readonly number[], random: RandomStream): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[random.below(values.length)] as number
  return sum / values.length
}

/** Between the two nearest of the sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}
