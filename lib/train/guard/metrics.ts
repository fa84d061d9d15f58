// What the guard looks at of a step.
import type { StepMetrics } from '../events.js'
import type { AnswerShares } from './answer-shares.js'

/** The names of the metrics that the guard looks at. */
export type WatchedMetric =
  | 'step'
  | 'stage'
  | 'maxResponseTokens'
  | 'reward'
  | 'passRate'
  | 'meanTokens'
  | 'truncatedShare'
  | 'entropy'
  | 'loss'
  | 'rolloutKl'
  | 'referenceKl'
  | 'gradientNorm'
  | 'numSamples'
  | 'klWeight'
  | keyof AnswerShares

/** What the guard is told of a step; a step's whole metrics will do as they are. */
export type GuardMetrics = Pick<StepMetrics, WatchedMetric>

const keys: Record<keyof GuardMetrics, true> = {
  ...{ step: true, stage: true, maxResponseTokens: true, reward: true, passRate: true, meanTokens: true },
  ...{ truncatedShare: true, entropy: true, loss: true, rolloutKl: true, referenceKl: true, gradientNorm: true },
  ...{ numSamples: true, klWeight: true, repeatedShare: true, unparsedShare: true, uniformShare: true },
}

/** Whether every value is a number. */
export const isMeasured = (metrics: GuardMetrics): boolean => Object.values(metrics).every(Number.isFinite)

/** Without whatever else a step's metrics hold. */
export function watchedOf(metrics: GuardMetrics): GuardMetrics {
  const names = Object.keys(keys) as (keyof GuardMetrics)[]
  return Object.fromEntries(names.map((name) => [name, metrics[name]])) as Record<keyof GuardMetrics, number>
}
