// The guard: watches a run for collapse.
export { type AnswerShares, answerShares } from './answer-shares.js'
export type { Change, Decision } from './decide.js'
export type { Finding } from './findings.js'
export { furthestBack, type Guard, type GuardStep, makeGuard } from './guard.js'
export type { GuardMetrics } from './metrics.js'
export { defaultGuardOptions, type GuardOptions, guardActions } from './options.js'
export type { GuardState, Severity } from './state.js'
export { defaultThresholds, type FindingKind, findingKinds, type Thresholds } from './thresholds.js'
