// The optimizer's two moments of every trained weight: float32, or 8-bit codes with a float32 scale for each block.
import { adamw8Block } from '../../ops/adamw8-step.js'
import type { Recipe } from '../recipe/recipe.js'

const kFloat = Float32Array.BYTES_PER_ELEMENT

/** `numKept` of the trained weights, the embedding's, keep float32 moments. So do tensors of less than 4,096, too few to count. */
export function momentBytes(recipe: Recipe, { numTrained, numKept }: { numTrained: number; numKept: number }): number {
  if (recipe.optimizer.moments === 'f32') return 2 * kFloat * numTrained
  return 2 * (kFloat * numKept + (1 + kFloat / adamw8Block) * (numTrained - numKept))
}
