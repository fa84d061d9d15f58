// Recipes: read from YAML, checked as a whole, written back with every default filled in.
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { stringify } from 'yaml'
import { messageOf, placeText, RecipeError } from '../../errors.js'
import { findWrongPath, withAbsolutePaths } from './paths.js'
import { problemsOf } from './problems.js'
import { type Recipe, recipeSchema } from './schema.js'
import { RecipeSource } from './source.js'

export type { Recipe } from './schema.js'

export interface RecipeOptions {
  /** `key=value`, as given to `--set`; later ones win. */
  set?: readonly string[]
  /** For a plan: the files and folders that it names may be missing. */
  mayLackFiles?: boolean
}

export interface LoadedRecipe {
  /** Paths in it are absolute. */
  recipe: Recipe
  file: string
}

/** Reads a recipe's file. Unless told otherwise, the files and folders that it names must be there. */
export async function loadRecipe(file: string, options: RecipeOptions = {}): Promise<LoadedRecipe> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RecipeError({ file, key: '' }, `cannot be read: ${messageOf(cause)}`, { cause })
  })
  const source = sourceOf(text, file, options)
  const recipe = await withAbsolutePaths(check(source), dirname(resolve(file)))
  const wrong = options.mayLackFiles ? undefined : await findWrongPath(recipe)
  if (!wrong) return { recipe, file }
  const { key, path, expected, found } = wrong
  const got = found === 'none' ? 'none' : `a ${found}`
  throw new RecipeError(source.placeOf(key), `expected a ${expected} for ${key.join('.')}, found ${got} at ${path}`)
}

/** Throws one RecipeError that tells of every problem, a line each, and stands at the first. */
export function parseRecipe(text: string, file: string, options: RecipeOptions = {}): Recipe {
  return check(sourceOf(text, file, options))
}

function sourceOf(text: string, file: string, { set = [] }: RecipeOptions): RecipeSource {
  const source = new RecipeSource(text, file)
  for (const setting of set) source.set(setting)
  return source
}

function check(source: RecipeSource): Recipe {
  const result = recipeSchema.safeParse(source.value(), { reportInput: true })
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, recipeSchema))
  const placed = problems.map(({ path, message }) => ({ place: source.placeOf(path), message }))
  placed.sort((a, b) => (a.place.line ?? Number.MAX_VALUE) - (b.place.line ?? Number.MAX_VALUE))
  const [first, ...others] = placed as [(typeof placed)[number], ...typeof placed]
  throw new RecipeError(
    first.place,
    [first.message, ...others.map((o) => `${placeText(o.place)}: ${o.message}`)].join('\n'),
  )
}

/** YAML that reads back as the same recipe. */
export function recipeToYaml(recipe: Recipe): string {
  return stringify(recipe, { aliasDuplicateObjects: false })
}
