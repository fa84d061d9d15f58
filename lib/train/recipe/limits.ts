// The longest answers that a recipe asks for, and the positions that they take.
import type { Recipe } from './schema.js'

/** Of the held-out evaluation: its own, or that of the stage with the longest. */
export const evaluationLimit = ({ evaluation, schedule }: Recipe): number =>
  evaluation.maxResponseTokens ?? longestOf(schedule)

export const longestOf = ({ stages }: Recipe['schedule']): number =>
  Math.max(...stages.map(({ maxResponseTokens }) => maxResponseTokens))

/** The positions that the longest prompt and the longest answer take, and how that is reckoned. */
export const neededPositions = (recipe: Recipe): { needed: number; sum: string } => ({
  needed: recipe.rollout.maxPromptTokens + Math.max(longestOf(recipe.schedule), evaluationLimit(recipe)),
  sum: 'the sum of rollout.maxPromptTokens and the largest maxResponseTokens',
})
