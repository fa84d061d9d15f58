// The weights that LoRA adds: two thin matrices [rank, in] and [out, rank] beside each projection that is a target.
import type { ModelShape } from '../model-shape.js'
import type { Recipe } from '../recipe/recipe.js'

/** 0 without LoRA. */
export function adapterParameters(recipe: Recipe, shape: ModelShape): number {
  const { lora } = recipe.model
  if (!lora) return 0
  const sizes = projections(shape)
  const targets = lora.targets.map((name) => checkpointNames[name] ?? name)
  const ofLayer = targets.reduce((sum, name) => {
    const size = sizes[name]
    return size ? sum + lora.rank * (size.in + size.out) : sum
  }, 0)
  return shape.numLayers * ofLayer
}

/** Of a layer, by the names that checkpoints use. */
function projections(shape: ModelShape): Record<string, { in: number; out: number }> {
  const { width, feedForwardWidth, numHeads, numKvHeads, headSize } = shape
  return {
    q_proj: { in: width, out: numHeads * headSize },
    k_proj: { in: width, out: numKvHeads * headSize },
    v_proj: { in: width, out: numKvHeads * headSize },
    o_proj: { in: numHeads * headSize, out: width },
    gate_proj: { in: width, out: feedForwardWidth },
    up_proj: { in: width, out: feedForwardWidth },
    down_proj: { in: feedForwardWidth, out: width },
  }
}

const checkpointNames: Record<string, string> = {
  ...{ query: 'q_proj', key: 'k_proj', value: 'v_proj', output: 'o_proj' },
  ...{ gate: 'gate_proj', up: 'up_proj', down: 'down_proj' },
}
