// Reads the recipe of a supervised run, and writes it with every default filled in.
import { dirname, resolve } from 'node:path'
import { stringify } from 'yaml'
import { RecipeError } from '../../../errors.js'
import { check, type RecipeOptions, readSource, sourceOf } from '../../recipe/check.js'
import { findWrongPath, withAbsolutePaths } from '../../recipe/paths.js'
import { type SftRecipe, sftRecipeSchema } from './schema.js'

export interface LoadedSftRecipe {
  /** Paths in it are absolute. */
  recipe: SftRecipe
  file: string
}

/** The files and folders that it names must be there. */
export async function loadSftRecipe(file: string, options: RecipeOptions = {}): Promise<LoadedSftRecipe> {
  const source = await readSource(file, options)
  const recipe = await withAbsolutePaths(check(source, sftRecipeSchema), dirname(resolve(file)))
  const wrong = options.mayLackFiles ? undefined : await findWrongPath(recipe)
  if (!wrong) return { recipe, file }
  const { key, path, expected, found } = wrong
  const got = found === 'none' ? 'none' : `a ${found}`
  throw new RecipeError(source.placeOf(key), `expected a ${expected} for ${key.join('.')}, found ${got} at ${path}`)
}

/** Throws one RecipeError that tells of every problem, a line each, and stands at the first. */
export function parseSftRecipe(text: string, file: string, options: RecipeOptions = {}): SftRecipe {
  return check(sourceOf(text, file, options), sftRecipeSchema)
}

/** YAML that reads back as the same recipe. */
export const sftRecipeToYaml = (recipe: SftRecipe): string => stringify(recipe, { aliasDuplicateObjects: false })
