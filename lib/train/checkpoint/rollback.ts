// Times that a run went back to a checkpoint, and what has changed in its settings since. Pure, and plain JSON.

/** What is different from a rollback on. */
export interface Change {
  /** On the learning rate. */
  learningRateFactor?: number | undefined
  /** The weight of the KL term, where it was less. */
  klWeight?: number | undefined
}

export interface Rollback {
  /** Steps done when the run went back. */
  fromStep: number
  /** Steps done in the checkpoint that it went back to. */
  toStep: number
  /** For people. */
  why: string
  change: Change
}

interface Changeable {
  learningRate: number
  klWeight: number
}

/** A step's settings after the rollbacks so far. */
export function changed<Settings extends Changeable>(settings: Settings, rollbacks: readonly Rollback[]): Settings {
  let { learningRate, klWeight } = settings
  for (const { change } of rollbacks) {
    learningRate *= change.learningRateFactor ?? 1
    klWeight = Math.max(klWeight, change.klWeight ?? 0)
  }
  return { ...settings, learningRate, klWeight }
}

/** The last step that a checkpoint with so many rollbacks before it may be of, if it is part of this run. */
export const limitOf = (rollbacks: readonly Rollback[], numRollbacks: number): number =>
  Math.min(Number.POSITIVE_INFINITY, ...rollbacks.slice(numRollbacks).map(({ toStep }) => toStep))
