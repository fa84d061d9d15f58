// Where supervised training stands between two steps, beside its tensors: plain JSON, so that a checkpoint can hold it.

export interface SftState {
  /** Steps done. */
  step: number
  /** Updates of the optimizer. */
  numOptimizerSteps: number
  /** Micro-batches so far: each drops elements of its own. */
  numMicroBatches: number
  /** The step after which the held-out loss was last taken; null: not yet. */
  evaluatedStep: number | null
  /** The lowest held-out loss so far. */
  best: { step: number; loss: number } | null
  /** Evaluations since the best one. */
  numWithoutGain: number
}

export const sftStart: SftState = {
  ...{ step: 0, numOptimizerSteps: 0, numMicroBatches: 0 },
  ...{ evaluatedStep: null, best: null, numWithoutGain: 0 },
}
