// The objective among a trainer's settings.
import type { Objective } from '../grpo/objective.js'

export function objectiveOf(settings: Required<Objective>): Objective {
  const { temperature, ratio, surrogate, clipLow, clipHigh, dualClip, aggregation, microBatches } = settings
  const { klWeight, klEstimator, entropyWeight } = settings
  return {
    ...{ temperature, ratio, surrogate, clipLow, clipHigh, dualClip, aggregation, microBatches },
    ...{ klWeight, klEstimator, entropyWeight },
  }
}
