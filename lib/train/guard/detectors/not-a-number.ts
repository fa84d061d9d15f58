// NaN and Infinity, in whatever a step measures: a weight that is no number shows in the entropy, loss and gradient of the next step.
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'

export function notANumber(window: readonly GuardMetrics[]): Sign | undefined {
  const last = window.at(-1) as GuardMetrics
  const wrong = Object.entries(last).filter(([, value]) => !Number.isFinite(value))
  if (wrong.length === 0) return undefined
  const list = wrong.map(([name, value]) => `${name} ${value}`).join(', ')
  return { since: last.step, isGrave: true, text: `no finite number in step ${last.step}: ${list}` }
}
