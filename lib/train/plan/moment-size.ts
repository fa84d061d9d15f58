// The optimizer's two moments of every trained weight: float32, or 8-bit codes with a float32 scale for each block.
import type { Recipe } from '../recipe/recipe.js'

const kFloat = Float32Array.BYTES_PER_ELEMENT

/** Weights that share a scale; small tensors keep float32 moments, which are too few to count. */
const blockSize = 256

export function momentBytes(recipe: Recipe, numTrained: number): number {
  const { moments = 'f32' } = recipe.optimizer as { moments?: 'f32' | '8bit' }
  const perWeight = moments === '8bit' ? 1 + kFloat / blockSize : kFloat
  return 2 * perWeight * numTrained
}
