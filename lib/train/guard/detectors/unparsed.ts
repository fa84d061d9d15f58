// The silent zero: answers come to an end, and the reward can read none of them.
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import type { Thresholds } from '../thresholds.js'
import { percent } from '../words.js'

export function unparsed(window: readonly GuardMetrics[], { unparsed: limits }: Thresholds): Sign | undefined {
  const { step, passRate, unparsedShare, numSamples, truncatedShare } = window.at(-1) as GuardMetrics
  const numFinished = Math.round(numSamples * (1 - truncatedShare))
  if (passRate > 0 || numFinished < limits.fewestFinished || unparsedShare < limits.share) return undefined
  const share = `${percent(unparsedShare)} of the ${numFinished} finished answers of step ${step}`
  const text = `the reward could not read ${share} (at least ${percent(limits.share)}), and none was right`
  return { since: step, isGrave: true, text }
}
