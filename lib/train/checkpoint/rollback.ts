// Times that a run went back to a checkpoint, and what is different since. Pure, and plain JSON.
import type { Change } from '../guard/index.js'

/** One time that a run went back. */
export interface Rollback {
  /** Steps done when the run went back. */
  fromStep: number
  /** Steps done in the checkpoint that it went back to. */
  toStep: number
  /** For people. */
  why: string
  /** What is different from here on, the rollbacks before included. */
  change: Change
  /** Lines that rolled-back.jsonl has with the metrics of the steps that this one left; absent in runs of earlier versions. */
  numLeftMetrics?: number
}

interface Changeable {
  learningRate: number
  klWeight: number
}

/** A step's settings after the rollbacks so far. */
export function changed<Settings extends Changeable>(settings: Settings, rollbacks: readonly Rollback[]): Settings {
  const { learningRateFactor, klWeightFactor } = rollbacks.at(-1)?.change ?? unchanged
  const { learningRate, klWeight } = settings
  return { ...settings, learningRate: learningRate * learningRateFactor, klWeight: klWeight * klWeightFactor }
}

const unchanged: Change = { learningRateFactor: 1, klWeightFactor: 1 }

/** The last step that a checkpoint with so many rollbacks before it may be of, if it is part of this run. */
export const limitOf = (rollbacks: readonly Rollback[], numRollbacks: number): number =>
  Math.min(Number.POSITIVE_INFINITY, ...rollbacks.slice(numRollbacks).map(({ toStep }) => toStep))

/** Those that a step after so many was done with, at the last time that it was: later ones went back to before it. */
export const rollbacksBefore = (rollbacks: readonly Rollback[], step: number): readonly Rollback[] =>
  rollbacks.slice(0, rollbacks.findLastIndex(({ toStep }) => toStep <= step) + 1)
