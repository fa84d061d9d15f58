// Recipes: read from YAML, checked as a whole, written back with every default filled in.
import { dirname, resolve } from 'node:path'
import { stringify } from 'yaml'
import { requireObjects } from '../../arguments.js'
import { RecipeError } from '../../errors.js'
import { check, type RecipeOptions, readSource, requireRecipe, sourceOf } from './check.js'
import { findWrongPath, withAbsolutePaths } from './paths.js'
import { type Recipe, recipeSchema } from './schema.js'

export type { RecipeOptions } from './check.js'
export type { Recipe } from './schema.js'

/** A recipe, and where it was read from: what a run and a plan are made of. */
export interface LoadedRecipe {
  /** Paths in it are absolute. */
  recipe: Recipe
  /** Its file, as given: for messages, and for the folder that code of rewards is looked for in. */
  file: string
}

/**
 * Reads a recipe's file. Unless told otherwise, the files and folders that it names must be there.
 * @throws {@link ArgumentError} for a file or a text that is no string, and for an option of another name.
 * @throws {@link RecipeError} with the place of what is wrong: the file, YAML, a key, a value, or a path that is not there.
 */
export async function loadRecipe(file: string, options: RecipeOptions = {}): Promise<LoadedRecipe> {
  requireRecipe({ file }, options)
  const source = await readSource(file, options)
  const recipe = await withAbsolutePaths(check(source, recipeSchema), dirname(resolve(file)))
  const wrong = options.mayLackFiles ? undefined : await findWrongPath(recipe)
  if (!wrong) return { recipe, file }
  const { key, path, expected, found } = wrong
  const got = found === 'none' ? 'none' : `a ${found}`
  throw new RecipeError(source.placeOf(key), `expected a ${expected} for ${key.join('.')}, found ${got} at ${path}`)
}

/**
 * A recipe from its text; `file` is for messages alone, and paths stay as they are written.
 * @throws {@link ArgumentError} for a file or a text that is no string, and for an option of another name.
 * @throws {@link RecipeError} one, which tells of every problem, a line each, and stands at the first.
 */
export function parseRecipe(text: string, file: string, options: RecipeOptions = {}): Recipe {
  requireRecipe({ text, file }, options)
  return check(sourceOf(text, file, options), recipeSchema)
}

/** YAML that reads back as the same recipe, every default written out. */
export function recipeToYaml(recipe: Recipe): string {
  requireObjects('recipe', { recipe })
  return stringify(recipe, { aliasDuplicateObjects: false })
}
