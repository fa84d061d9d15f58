// Reads the recipe of an evaluation.
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isCachedName } from '../../data/locate.js'
import type { DataSource } from '../../data/source.js'
import { RecipeError } from '../../errors.js'
import { check, type RecipeOptions, readSource } from '../recipe/check.js'
import { sourceOf } from '../recipe/data-set.js'
import type { RecipeSource } from '../recipe/source.js'
import { type EvalRecipe, evalRecipeSchema } from './schema.js'

export interface LoadedEvalRecipe {
  recipe: EvalRecipe
  /** Absolute. */
  modelPath: string | undefined
  sets: { name: string; source: DataSource; numProblems: number | undefined }[]
}

/** Paths start at the recipe's file; unless told otherwise, what they name must be there. */
export async function loadEvalRecipe(file: string, options: RecipeOptions = {}): Promise<LoadedEvalRecipe> {
  const source = await readSource(file, options)
  const recipe = check(source, evalRecipeSchema)
  const folder = dirname(resolve(file))
  const at = { source, folder, mayLack: options.mayLackFiles ?? false }
  const { path } = recipe.model
  const modelPath = path === undefined ? undefined : await placed(path, { ...at, key: ['model', 'path'] })
  const sets: LoadedEvalRecipe['sets'] = []
  for (const [name, set] of Object.entries(recipe.data.sets)) {
    const own = sourceOf(set, recipe.data)
    const isCached = await isCachedName(own.path)
    const path = isCached ? own.path : await placed(own.path, { ...at, key: ['data', 'sets', name] })
    sets.push({ name, source: { ...own, path }, numProblems: recipe.data.numProblems?.[name] })
  }
  return { recipe, modelPath, sets }
}

async function placed(
  path: string,
  { source, folder, mayLack, key }: { source: RecipeSource; folder: string; mayLack: boolean; key: string[] },
): Promise<string> {
  const absolute = resolve(folder, path)
  const isThere = await stat(absolute).then(
    () => true,
    () => false,
  )
  if (isThere || mayLack) return absolute
  throw new RecipeError(
    source.placeOf(key),
    `expected a file or folder for ${key.join('.')}, found none at ${absolute}`,
  )
}
