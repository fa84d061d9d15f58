// Answers that grow and grow, until the limit cuts them. Within one stage: a new limit is no runaway.
import { compare, valuesOf } from '../compare.js'
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { mean, median } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { inWords, percent, stepsInWords } from '../words.js'
import { fallAside } from './reward-fall.js'

export function lengthRunaway(window: readonly GuardMetrics[], thresholds: Thresholds): Sign | undefined {
  const limits = thresholds.lengthRunaway
  const compared = compare(window)
  if (compared === undefined) return undefined
  const { before, recent, since } = compared
  const [from, to] = [median(valuesOf(before, 'meanTokens')), median(valuesOf(recent, 'meanTokens'))]
  const [cutBefore, cut] = [mean(valuesOf(before, 'truncatedShare')), mean(valuesOf(recent, 'truncatedShare'))]
  if (to <= limits.warnRatio * from && cut - cutBefore <= limits.warnTruncatedRise) return undefined
  const lengths = `the mean length went from ${inWords(from)} in ${stepsInWords(before)} to ${inWords(to)} tokens in ${stepsInWords(recent)}`
  const shares = `the share of truncated answers from ${percent(cutBefore)} to ${percent(cut)}`
  const threshold = `(above ${inWords(limits.warnRatio)} times, or ${percent(limits.warnTruncatedRise)} more)`
  const fall = fallAside(compared, thresholds)
  const text = `${lengths} and ${shares} ${threshold}`
  const isAtLimit = to > limits.badRatio * from && cut - cutBefore > limits.badTruncatedRise
  return { since, isGrave: isAtLimit || fall !== undefined, text: fall === undefined ? text : `${text}, and ${fall}` }
}
