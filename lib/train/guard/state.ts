// What the guard remembers from step to step: plain JSON, so that checkpoints can hold it.
import type { GuardMetrics } from './metrics.js'
import type { FindingKind } from './thresholds.js'

/** `warn`: no more than told of. `bad`: acted on as the options say. */
export type Severity = 'warn' | 'bad'

/** What the guard remembers between two steps: plain JSON, as a checkpoint holds it. */
export interface GuardState {
  /** The last steps, 40 at most, the latest last. A step with a value that is no number is not among them. */
  window: readonly GuardMetrics[]
  /** The signs of the last steps, by kind. */
  signs: Partial<Record<FindingKind, readonly NotedSign[]>>
  /** Open from a first finding until some steps had none. */
  episode: Episode | null
  /** The last step before the open episode, or the last step of all; 0: none yet. A checkpoint of a later step is not to be trusted. */
  lastGoodStep: number
  /** Rollbacks made so far in this run. */
  numRollbacks: number
}

/** A step in which a detector saw something. */
export interface NotedSign {
  /** Counted from 1. */
  step: number
  /** Whether enough of it is bad, rather than only told of. */
  isGrave: boolean
}

/** From a first finding until some steps had none. No step within it counts as good. */
export interface Episode {
  /** The gravest that was said of each kind so far. */
  told: Partial<Record<FindingKind, Severity>>
  /** Steps since the last kind that was new. */
  steps: number
  /** Steps running without a finding. */
  quietSteps: number
}

export const initialState: GuardState = { window: [], signs: {}, episode: null, lastGoodStep: 0, numRollbacks: 0 }

/** More than any detector looks back at; the longer ones ask what share of answers was right. */
export const windowSteps = 40
