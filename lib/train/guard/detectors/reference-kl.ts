// The KL to the reference grows though its term should hold it, and the reward has nothing of it: a wrong sign, a weight too low.
import { compare, valuesOf } from '../compare.js'
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { mean, median } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { inWords, stepsInWords } from '../words.js'
import { hasRisen } from './reward-fall.js'

export function referenceKl(window: readonly GuardMetrics[], { referenceKl: limits }: Thresholds): Sign | undefined {
  const compared = compare(window)
  // It begins at 0, with the run or where a stage begins it anew: how it rises from there says nothing.
  if (compared === undefined || compared.before.length < limits.fewestBefore) return undefined
  const { before, recent, since } = compared
  // Of the three estimators k1 alone can be below 0, by chance: that is no distance, and counts as 0.
  const from = Math.max(0, median(valuesOf(before, 'referenceKl')))
  const to = median(valuesOf(recent, 'referenceKl'))
  const { klWeight } = window.at(-1) as GuardMetrics
  const isDominant = klWeight * to > limits.weighted
  const floor = isDominant ? 0 : limits.nats
  const threshold = Math.max(floor, limits.factor * from)
  if (to <= threshold || (hasRisen(compared) && !isDominant)) return undefined
  const [rewardBefore, reward] = [mean(valuesOf(before, 'reward')), mean(valuesOf(recent, 'reward'))]
  const kl = `from ${inWords(from)} in ${stepsInWords(before)} to ${inWords(to)} nats a token in ${stepsInWords(recent)}`
  const rewards = `the reward went from ${inWords(rewardBefore)} to ${inWords(reward)}`
  const weighed = `weighed with ${inWords(klWeight)} that is ${inWords(klWeight * to)}`
  const text = `the KL to the reference rose ${kl} (above ${inWords(threshold)}); ${weighed}; ${rewards}`
  return { since, isGrave: true, text }
}
