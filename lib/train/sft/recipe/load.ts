// Reads the recipe of a supervised run, and writes it with every default filled in.
import { dirname, resolve } from 'node:path'
import { stringify } from 'yaml'
import { requireObjects } from '../../../arguments.js'
import { RecipeError } from '../../../errors.js'
import { check, type RecipeOptions, readSource, requireRecipe, sourceOf } from '../../recipe/check.js'
import { findWrongPath, withAbsolutePaths } from '../../recipe/paths.js'
import { type SftRecipe, sftRecipeSchema } from './schema.js'

/** A supervised recipe, and where it was read from. */
export interface LoadedSftRecipe {
  /** Paths in it are absolute. */
  recipe: SftRecipe
  /** Its file, as given: for messages. */
  file: string
}

/**
 * Reads a supervised recipe's file. Unless told otherwise, the files and folders that it names must be there.
 * @throws {@link ArgumentError} for a file or a text that is no string, and for an option of another name.
 * @throws {@link RecipeError} with the place of what is wrong: the file, YAML, a key, a value, or a path that is not there.
 */
export async function loadSftRecipe(file: string, options: RecipeOptions = {}): Promise<LoadedSftRecipe> {
  requireRecipe({ file }, options)
  const source = await readSource(file, options)
  const recipe = await withAbsolutePaths(check(source, sftRecipeSchema), dirname(resolve(file)))
  const wrong = options.mayLackFiles ? undefined : await findWrongPath(recipe)
  if (!wrong) return { recipe, file }
  const { key, path, expected, found } = wrong
  const got = found === 'none' ? 'none' : `a ${found}`
  throw new RecipeError(source.placeOf(key), `expected a ${expected} for ${key.join('.')}, found ${got} at ${path}`)
}

/**
 * A supervised recipe from its text; `file` is for messages alone, and paths stay as they are written.
 * @throws {@link ArgumentError} for a file or a text that is no string, and for an option of another name.
 * @throws {@link RecipeError} one, which tells of every problem, a line each, and stands at the first.
 */
export function parseSftRecipe(text: string, file: string, options: RecipeOptions = {}): SftRecipe {
  requireRecipe({ text, file }, options)
  return check(sourceOf(text, file, options), sftRecipeSchema)
}

/** YAML that reads back as the same recipe, every default written out. */
export function sftRecipeToYaml(recipe: SftRecipe): string {
  requireObjects('recipe', { recipe })
  return stringify(recipe, { aliasDuplicateObjects: false })
}
