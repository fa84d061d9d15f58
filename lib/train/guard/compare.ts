// Now and before, within one stage: what the detectors of slow changes compare. A new stage changes lengths, truncation and
// entropy for good reasons, so steps of another stage are never looked back at.
import type { GuardMetrics } from './metrics.js'

/** The last steps: three, so that one odd step is none. */
const recentSteps = 3
/** Not compared with: a change that came within these steps would be in both parts. */
const gapSteps = 3
const beforeSteps = 8
/** In a young stage the gap is given up first, then as many of the steps before as may be missing. */
const fewestBefore = 4

export interface Comparison {
  before: readonly GuardMetrics[]
  recent: readonly GuardMetrics[]
  /** The first step that may be part of a change from the one to the other: a slow one may have begun in the second half of before. */
  since: number
}

/** How far back, in steps, the first part of a comparison may begin. */
export const comparedSteps = recentSteps + gapSteps + beforeSteps

/** Undefined while the stage has too few steps. */
export function compare(window: readonly GuardMetrics[]): Comparison | undefined {
  const steps = ofThisStage(window).slice(-comparedSteps)
  if (steps.length < fewestBefore + recentSteps) return undefined
  const before = steps.slice(0, Math.max(fewestBefore, steps.length - recentSteps - gapSteps))
  const lastGood = before[Math.ceil(before.length / 2) - 1] as GuardMetrics
  return { before, recent: steps.slice(-recentSteps), since: lastGood.step + 1 }
}

/** The steps running, up to the last, that belong to its stage. */
export function ofThisStage(window: readonly GuardMetrics[]): readonly GuardMetrics[] {
  const last = window.at(-1)
  return running(window, ({ stage, maxResponseTokens }) => {
    return stage === last?.stage && maxResponseTokens === last.maxResponseTokens
  })
}

/** The steps running, up to the last, of which something holds. */
export function running(
  window: readonly GuardMetrics[],
  holds: (metrics: GuardMetrics) => boolean,
): readonly GuardMetrics[] {
  const other = window.findLastIndex((metrics) => !holds(metrics))
  return window.slice(other + 1)
}

export const valuesOf = (steps: readonly GuardMetrics[], name: keyof GuardMetrics): number[] =>
  steps.map((metrics) => metrics[name])
