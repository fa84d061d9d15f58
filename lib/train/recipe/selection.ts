// Which rows a run trains on and how often, by the pass rates that `lengthen data difficulty` wrote; and which a stage does.
import { z } from 'zod'
import { difficultyWeights } from '../../data/select/difficulty.js'

const share = z.number().min(0).max(1)
const countOrNone = z.int().min(0)

/** data.difficulty: every row then needs a passRate, and those of the bounds are kept. */
export const difficultySection = z.strictObject({
  /** Lowest passRate of a row that is kept; 0 where left out. */
  min: share.default(0),
  /** Highest passRate of a row that is kept; 1 where left out. */
  max: share.default(1),
  /** How often a row is seen: none, as the others (where left out); hard, in proportion to 1 − p; uncertain, to p(1 − p). p is smoothed. */
  weight: z.enum(difficultyWeights).default('none'),
})

/** schedule.stages[…].select; what its bounds mean to each other is checked with the stages. */
export const selectSection = z.strictObject({
  /** Fewest tokens of a row's rendered prompt, at most rollout.maxPromptTokens (FastCuRL splits its stages so). */
  minPromptTokens: countOrNone.optional(),
  /** Most tokens of a row's rendered prompt; rows with more are left out. */
  maxPromptTokens: countOrNone.optional(),
  /** Lowest passRate of a row, as `lengthen data difficulty` wrote it; a row without one is an error. */
  minPassRate: share.optional(),
  /** Highest passRate of a row. */
  maxPassRate: share.optional(),
  /** Problems of which a larger share of answers was right in the stage before are left out for the rest of the run (POLARIS). */
  maxSolvedBefore: share.optional(),
})
