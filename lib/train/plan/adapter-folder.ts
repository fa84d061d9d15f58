// Adapters of a folder, for a plan: their rank and targets stand in its adapter_config.json, and no weight is read.
import { join } from 'node:path'
import { parseJson } from '../../io/json.js'
import { readTextFileIfPresent } from '../../io/read-file.js'
import { loraTargets } from '../../models/lora/config.js'
import type { LoadedRecipe, Recipe } from '../recipe/recipe.js'

/** The recipe as if it made those adapters anew: they take as much. Of a folder that is not there, all projections at rank 32. */
export async function withAdapterSizes(loaded: LoadedRecipe): Promise<LoadedRecipe> {
  const { adapter, ...model } = loaded.recipe.model
  if (adapter === undefined) return loaded
  const file = join(adapter, 'adapter_config.json')
  const text = await readTextFileIfPresent(file)
  const lora = loraOf(text === undefined ? {} : parseJson(text, { file }))
  return { ...loaded, recipe: { ...loaded.recipe, model: { ...model, lora } } }
}

/** As peft writes them. */
function loraOf(config: unknown): NonNullable<Recipe['model']['lora']> {
  const { r, lora_alpha, target_modules } = (config ?? {}) as Record<string, unknown>
  const rank = typeof r === 'number' ? r : 32
  const isList = Array.isArray(target_modules) && target_modules.every((name) => typeof name === 'string')
  return {
    ...{ rank, alpha: typeof lora_alpha === 'number' ? lora_alpha : rank },
    ...{ dropout: 0, useRankStabilization: false, merge: false },
    targets: isList ? target_modules : [...loraTargets],
  }
}
