// The model's shape for a plan: as the recipe makes it, as its config.json says, or as model.shape promises.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RecipeError } from '../errors.js'
import { parseDecoderConfig } from '../models/decoder-config.js'
import { buildTokenizer } from './build.js'
import { type ModelShape, shapeOfSection } from './plan.js'
import type { LoadedRecipe } from './recipe/recipe.js'

/** Reads a tokenizer or a config.json at most, never weights. */
export async function shapeOf(loaded: LoadedRecipe): Promise<ModelShape> {
  const { path = '', create, shape } = loaded.recipe.model
  if (create) return shapeOfSection({ ...create, vocabularySize: (await buildTokenizer(loaded)).vocabSize })
  const file = join(path, 'config.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined) return parseDecoderConfig(text, file).config
  if (shape) return shapeOfSection(shape)
  const place = { file: loaded.file, key: 'model.path' }
  throw new RecipeError(place, `expected ${file}, or model.shape to plan without it, got neither`)
}
