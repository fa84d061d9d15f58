// Entropy that runs away, down (always the same answer, whatever it is paid for) or up (noise).
import { type Comparison, compare, valuesOf } from '../compare.js'
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { median } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { inWords, stepsInWords } from '../words.js'
import { fallAside } from './reward-fall.js'

export function entropyCollapse(
  window: readonly GuardMetrics[],
  { entropyCollapse: limits }: Thresholds,
): Sign | undefined {
  const compared = compare(window)
  if (compared === undefined) return undefined
  const { from, to, words } = entropiesOf(compared)
  if (from < limits.fewestNats || to > limits.warnRatio * from) return undefined
  const isGrave = to <= limits.badRatio * from
  const threshold = `below ${inWords(isGrave ? limits.badRatio : limits.warnRatio)} of it`
  return { since: compared.since, isGrave, text: `the entropy fell ${words} (${threshold})` }
}

export function entropyRunaway(window: readonly GuardMetrics[], thresholds: Thresholds): Sign | undefined {
  const limits = thresholds.entropyRunaway
  const compared = compare(window)
  if (compared === undefined) return undefined
  const { from, to, words } = entropiesOf(compared)
  if (to <= limits.warnRatio * from || to - from <= limits.fewestNats) return undefined
  const fall = fallAside(compared, thresholds)
  const isFar = to > limits.badRatio * from
  const rose = `the entropy rose ${words} (above ${inWords(isFar ? limits.badRatio : limits.warnRatio)} times it)`
  const text = fall === undefined ? rose : `${rose}, and ${fall}`
  return { since: compared.since, isGrave: isFar || fall !== undefined, text }
}

function entropiesOf({ before, recent }: Comparison): { from: number; to: number; words: string } {
  const [from, to] = [median(valuesOf(before, 'entropy')), median(valuesOf(recent, 'entropy'))]
  const nats = `from ${inWords(from)} in ${stepsInWords(before)} to ${inWords(to)} nats a token in ${stepsInWords(recent)}`
  return { from, to, words: nats }
}
