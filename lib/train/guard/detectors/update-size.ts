// The updates of a step move the policy far from the one that sampled: a learning rate too high, or too many updates a step.
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { median } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { inWords } from '../words.js'

export function updateSize(window: readonly GuardMetrics[], { updateSize: limits }: Thresholds): Sign | undefined {
  const { step, rolloutKl } = window.at(-1) as GuardMetrics
  const earlier = window.slice(0, -1).map((metrics) => metrics.rolloutKl)
  const usual = earlier.length === 0 ? 0 : median(earlier)
  const threshold = Math.max(limits.nats, limits.factor * usual)
  if (rolloutKl <= threshold) return undefined
  const moved = `the updates of step ${step} moved the policy by ${inWords(rolloutKl)} nats a token (rolloutKl)`
  const text = `${moved}, ${inWords(usual)} in the median before (above ${inWords(threshold)})`
  return { since: step, isGrave: true, text }
}
