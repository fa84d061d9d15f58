// The KL to the reference grows though its term should hold it, and the reward has nothing of it: a wrong sign, a weight too low.
import { compare, valuesOf } from '../compare.js'
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { mean, median } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { inWords, stepsInWords } from '../words.js'

export function referenceKl(window: readonly GuardMetrics[], { referenceKl: limits }: Thresholds): Sign | undefined {
  const compared = compare(window)
  if (compared === undefined) return undefined
  const { before, recent, since } = compared
  // Of the three estimators k1 alone can be below 0, by chance: that is no distance, and counts as 0.
  const from = Math.max(0, median(valuesOf(before, 'referenceKl')))
  const to = median(valuesOf(recent, 'referenceKl'))
  const threshold = Math.max(limits.nats, limits.factor * from)
  const [rewardBefore, reward] = [mean(valuesOf(before, 'reward')), mean(valuesOf(recent, 'reward'))]
  if (to <= threshold || reward > rewardBefore) return undefined
  const kl = `from ${inWords(from)} in ${stepsInWords(before)} to ${inWords(to)} nats a token in ${stepsInWords(recent)}`
  const rewards = `the reward went from ${inWords(rewardBefore)} to ${inWords(reward)}`
  const text = `the KL to the reference rose ${kl} (above ${inWords(threshold)}), and ${rewards}`
  return { since, isGrave: true, text }
}
