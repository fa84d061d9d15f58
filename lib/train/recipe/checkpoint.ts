// checkpoint: how often a run saves what it needs to go on, and how much of that stays.
import { z } from 'zod'
import { keeperDefaults } from '../checkpoint/keeper-options.js'

const count = z.int().min(1)

export const checkpointSection = z.strictObject({
  /** Steps between two; there is one at the end of every stage too. */
  everySteps: count.default(keeperDefaults.everySteps),
  /** The last so many stay, */
  keepLast: count.default(keeperDefaults.keepLast),
  /** and the one with the highest held-out pass@1. */
  keepBest: z.boolean().default(keeperDefaults.keepBest),
})
