// What a recipe says about memory: how moments are kept, and whether each stage's worst batch is run before the first step.
import { z } from 'zod'
import { momentFormats } from '../../optim/moments.js'

/** In optimizer. 8bit: a quarter of the bytes, those of the embedding and of small tensors left in float32. */
export const moments = z.enum(momentFormats).default('f32')

export const memorySection = z.strictObject({
  /** Runs each stage's worst batch before step 1, so that what does not fit fails in the first minute. */
  rehearsal: z.boolean().default(true),
})
