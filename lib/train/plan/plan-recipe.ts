// The plan of a recipe that a run would take: what a run refuses at once is refused here too.
import { join } from 'node:path'
import { RecipeError } from '../../errors.js'
import { buildTokenizer } from '../build.js'
import { configIn, createdConfig } from '../model-config.js'
import { type ModelShape, shapeOfSection } from '../model-shape.js'
import { requireLoaded } from '../recipe/loaded.js'
import type { LoadedRecipe } from '../recipe/recipe.js'
import { requireFit, requireSupported } from '../requirements.js'
import { withAdapterSizes } from './adapter-folder.js'
import { type Plan, planOf } from './plan.js'

/**
 * What a recipe asks for, on this machine. Reads a tokenizer and a config.json at most, never weights.
 * @throws {@link UnsupportedError} for a dtype or a device that this build does not do.
 * @throws {@link RecipeError} for a model that is not what the recipe counts on, and where neither config.json nor model.shape says how large it is.
 */
export async function planRecipe(loaded: LoadedRecipe): Promise<Plan> {
  requireLoaded('plan', loaded)
  requireSupported(loaded)
  const { recipe } = await withAdapterSizes(loaded)
  return planOf(recipe, await shapeOf(loaded))
}

/** As the recipe makes it, as its config.json says, or as model.shape promises. */
export async function shapeOf(loaded: LoadedRecipe): Promise<ModelShape> {
  const { path = '', create, shape } = loaded.recipe.model
  if (create) return createdConfig(create, (await buildTokenizer(loaded)).vocabSize)
  const config = await configIn(path)
  if (config) {
    requireFit(config, loaded)
    return config
  }
  if (shape) return shapeOfSection(shape)
  const place = { file: loaded.file, key: 'model.path' }
  const expected = `expected ${join(path, 'config.json')}, or model.shape to plan without it`
  throw new RecipeError(place, `${expected}, got neither`)
}
