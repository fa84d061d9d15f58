// The optimizer's two moments of every trained weight: float32, or 8-bit codes with a float32 scale for each block.
import { adamw8Block } from '../../ops/adamw8-step.js'
import type { Recipe } from '../recipe/recipe.js'

const kFloat = Float32Array.BYTES_PER_ELEMENT

/** Tensors of less than 4,096 weights keep float32 moments, which are too few to count. */
export function momentBytes(recipe: Recipe, numTrained: number): number {
  const perWeight = recipe.optimizer.moments === '8bit' ? 1 + kFloat / adamw8Block : kFloat
  return 2 * perWeight * numTrained
}
