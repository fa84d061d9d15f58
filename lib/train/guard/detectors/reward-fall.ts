// The reward falls, for good and beyond the noise of its steps.
import { type Comparison, compare, valuesOf } from '../compare.js'
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { deviation, mean, sum } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { inWords, percent, stepsInWords } from '../words.js'

export function rewardFall(window: readonly GuardMetrics[], { rewardFall: limits }: Thresholds): Sign | undefined {
  const compared = compare(window)
  if (compared === undefined || !hasFallen(compared, limits)) return undefined
  const threshold = `more than ${percent(limits.fall)} and ${limits.deviations} standard errors`
  return { since: compared.since, isGrave: true, text: `the reward fell ${rewardsInWords(compared)} (${threshold})` }
}

/** What makes a runaway grave: a fall of the reward beside it, in words; undefined where there is none. */
export function fallAside(compared: Comparison, { rewardFall: limits }: Thresholds): string | undefined {
  const aside = { fall: limits.fallAside, deviations: limits.deviationsAside }
  return hasFallen(compared, aside) ? `the reward fell ${rewardsInWords(compared)}` : undefined
}

/** Whether the reward rose by more than the noise of such means. */
export const hasRisen = ({ before, recent }: Compared): boolean =>
  rewardOf(recent) - rewardOf(before) > errorOf({ before, recent })

function hasFallen(
  { before, recent }: Comparison,
  { fall, deviations }: { fall: number; deviations: number },
): boolean {
  const [from, to] = [rewardOf(before), rewardOf(recent)]
  return from - to > Math.max(fall * Math.abs(from), deviations * errorOf({ before, recent }))
}

/** The standard error of the difference between the two means. */
const errorOf = ({ before, recent }: Compared): number =>
  noiseOf(before) * Math.sqrt(1 / before.length + 1 / recent.length)

/** Of one step: what its steps show, and no less than independent answers of a binary reward would have. */
function noiseOf(steps: readonly GuardMetrics[]): number {
  const answersPerStep = sum(valuesOf(steps, 'numSamples')) / steps.length
  const rate = Math.min(1, Math.max(1 / answersPerStep, mean(valuesOf(steps, 'passRate'))))
  return Math.max(deviation(valuesOf(steps, 'reward')), Math.sqrt((rate * (1 - rate)) / answersPerStep))
}

type Compared = Pick<Comparison, 'before' | 'recent'>

const rewardOf = (steps: readonly GuardMetrics[]): number => mean(valuesOf(steps, 'reward'))

const rewardsInWords = ({ before, recent }: Compared): string =>
  `from ${inWords(rewardOf(before))} in ${stepsInWords(before)} to ${inWords(rewardOf(recent))} in ${stepsInWords(recent)}`
