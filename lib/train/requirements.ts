// What a run needs of this build, and of the model that it is given: asked by a run and by its plan alike, before weights
// are read.
import { memoryStats } from '../device.js'
import { RecipeError, UnsupportedError } from '../errors.js'
import type { DecoderConfig } from '../models/decoder-config.js'
import { type ModelShape, shapeOfSection } from './model-shape.js'
import { neededPositions } from './recipe/limits.js'
import type { LoadedRecipe, Recipe } from './recipe/recipe.js'

/** Throws where this version, or this build, does not do what the recipe asks for. */
export function requireSupported({ recipe: { dtype, device } }: { recipe: Pick<Recipe, 'dtype' | 'device'> }): void {
  if (dtype !== 'f32') throw new UnsupportedError(`[recipe] this version trains in f32 only, got dtype ${dtype}`)
  memoryStats({ device }) // refuses a device that is not there
}

/** Throws where the model of model.path is not what the recipe counts on. */
export function requireFit(config: DecoderConfig, loaded: LoadedRecipe): void {
  requirePositions(config, loaded)
  requireShape(config, loaded)
}

function requirePositions({ maxPositions }: DecoderConfig, { recipe, file }: LoadedRecipe): void {
  const { needed, sum } = neededPositions(recipe)
  if (maxPositions >= needed) return
  throw new RecipeError(
    { file, key: 'model.path' },
    `expected room for ${needed} tokens, ${sum}, got the model's ${maxPositions} positions`,
  )
}

/** Throws where the model of model.path is not of the shape that the recipe says. */
export function requireShape(
  config: DecoderConfig,
  { recipe: { model }, file }: { recipe: { model: Pick<Recipe['model'], 'shape'> }; file: string },
): void {
  for (const [key, value] of Object.entries(model.shape ? shapeOfSection(model.shape) : {})) {
    const got = config[key as keyof ModelShape]
    if (got === value) continue
    throw new RecipeError({ file, key: 'model.shape' }, `expected a model of ${key} ${value} in model.path, got ${got}`)
  }
}
