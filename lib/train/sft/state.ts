// Where supervised training stands between two steps, beside its tensors: plain JSON, so that a checkpoint can hold it.

/** Where a supervised run stands between two steps: plain JSON. */
export interface SftState {
  /** Steps done. */
  step: number
  /** Updates of the optimizer. */
  numOptimizerSteps: number
  /** Micro-batches so far: each drops elements of its own. */
  numMicroBatches: number
  /** The last held-out loss, and after which step it was taken; null: not yet. */
  evaluated: Measured | null
  /** The lowest so far. */
  best: Measured | null
  /** Evaluations since the best one. */
  numWithoutGain: number
}

/** One measurement of the held-out loss. */
export interface Measured {
  /** Steps done; 0: before the first. */
  step: number
  /** Mean negative log-likelihood of the held-out answers' tokens, in nats. */
  loss: number
}

export const sftStart: SftState = {
  ...{ step: 0, numOptimizerSteps: 0, numMicroBatches: 0 },
  ...{ evaluated: null, best: null, numWithoutGain: 0 },
}
