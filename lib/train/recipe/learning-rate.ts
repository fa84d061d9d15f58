// How a learning rate moves: the same keys for the run and for a stage.
import { z } from 'zod'
import { decays } from '../../optim/learning-rate.js'

/** A warm-up and a decay, counted from the run's first step or from what begins the rate anew. */
export const learningRateSchedule = z.strictObject({
  /** How the rate falls from the end of the warm-up to `steps`: constant (not at all, where left out), linear or cosine. */
  decay: z.enum(decays).default('constant'),
  /** Where the decay ends, in steps with the warm-up included; a run of reinforcement learning needs it for linear and cosine. */
  steps: z.int().min(1).optional(),
  /** The first steps climb in equal parts, the last of them at the full rate; 0, where left out, is no warm-up. At most `steps`. */
  warmupSteps: z.int().min(0).default(0),
  /** Where the decay ends, as a share of the learning rate; 0 where left out. */
  finalFraction: z.number().min(0).max(1).default(0),
})
