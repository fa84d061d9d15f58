// How a learning rate moves: the same keys for the run and for a stage.
import { z } from 'zod'
import { decays } from '../../optim/learning-rate.js'

/** A warm-up and a decay, counted from the run's first step or from what begins the rate anew. */
export const learningRateSchedule = z.strictObject({
  decay: z.enum(decays).default('constant'),
  /** Where the decay ends, warm-up included. */
  steps: z.int().min(1).optional(),
  warmupSteps: z.int().min(0).default(0),
  /** Where the decay ends, as a share of the learning rate. */
  finalFraction: z.number().min(0).max(1).default(0),
})
