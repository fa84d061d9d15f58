// More and more answers end in a loop.
import { compare, valuesOf } from '../compare.js'
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { median } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { percent, stepsInWords } from '../words.js'

export function repetition(window: readonly GuardMetrics[], { repetition: limits }: Thresholds): Sign | undefined {
  const compared = compare(window)
  if (compared === undefined) return undefined
  const { before, recent, since } = compared
  const [from, to] = [median(valuesOf(before, 'repeatedShare')), median(valuesOf(recent, 'repeatedShare'))]
  const threshold = Math.max(limits.share, from + limits.rise)
  if (to < threshold) return undefined
  const shares = `from ${percent(from)} in ${stepsInWords(before)} to ${percent(to)} in ${stepsInWords(recent)}`
  const text = `the share of answers that end in a loop rose ${shares} (at least ${percent(threshold)})`
  return { since, isGrave: true, text }
}
