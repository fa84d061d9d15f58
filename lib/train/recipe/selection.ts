// Which rows a run trains on and how often, by the pass rates that `lengthen data difficulty` wrote; and which a stage does.
import { z } from 'zod'
import { difficultyWeights } from '../../data/select/difficulty.js'

const share = z.number().min(0).max(1)
const countOrNone = z.int().min(0)

/** data.difficulty: every row then needs a passRate. */
export const difficultySection = z.strictObject({
  /** Rows with pass rates from min to max are kept, both included. */
  min: share.default(0),
  max: share.default(1),
  /** Rows are seen alike, in proportion to 1 − p, or to p(1 − p). */
  weight: z.enum(difficultyWeights).default('none'),
})

/** schedule.stages[…].select; what its bounds mean to each other is checked with the stages. */
export const selectSection = z.strictObject({
  minPromptTokens: countOrNone.optional(),
  maxPromptTokens: countOrNone.optional(),
  minPassRate: share.optional(),
  maxPassRate: share.optional(),
  maxSolvedBefore: share.optional(),
})
