// A recipe as a command line names it: a file, or one of those that come with lengthen, by its name or as recipes/<name>.yaml.
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { RecipeError } from '../errors.js'
import { nearestName } from '../nearest-name.js'
import { packageFolder } from '../package-folder.js'

/** What a command carries out; the recipes of the others are named otherwise. */
export type RecipeKind = 'run' | 'sft' | 'eval'

const folder = join(packageFolder, 'recipes')

/**
 * How to read the recipe: nothing to say of a file that is there. Of one of ours, where its text is; it stands for the file that was
 * named, so that its paths start where that would lie, and not among the installed packages.
 */
export function recipeOptions(given: string, kind: RecipeKind): { readFrom?: string } {
  if (existsSync(given)) return {}
  const own = ownRecipe(given)
  if (own === undefined) throw isMissing(given, kind)
  process.stderr.write(`lengthen: the recipe is lengthen's own, ${own}\n`)
  return { readFrom: own }
}

/** Whether such a recipe of ours is meant, and no file of that name. */
export const isOwnRecipe = (given: string, kind: RecipeKind): boolean => {
  const own = ownRecipe(given)
  return own !== undefined && kindOf(basename(own)) === kind
}

/** The file of ours that is meant, where none is there by that name. */
function ownRecipe(given: string): string | undefined {
  const [, name] = /^(?:\.\/)?(?:recipes\/)?([\w.-]+?)(?:\.yaml)?$/.exec(given) ?? []
  if (name === undefined || existsSync(given)) return undefined
  return ownNames().includes(name) ? fileOf(name) : undefined
}

const fileOf = (name: string): string => join(folder, `${name}.yaml`)

const ownNames = (): string[] =>
  existsSync(folder) ? readdirSync(folder).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []) : []

const kindOf = (name: string): RecipeKind => (/^(sft|eval)-/.exec(name)?.[1] as RecipeKind | undefined) ?? 'run'

function isMissing(given: string, kind: RecipeKind): RecipeError {
  const names = ownNames().filter((name) => kindOf(name) === kind)
  const nearest = nearestName(given.replace(/^.*\//, '').replace(/\.ya?ml$/, ''), names)
  const hint = nearest === undefined ? '' : `did you mean ${nearest}? `
  const message = `cannot be read: ENOENT, no such file; ${hint}lengthen's own recipes for this command are ${names.join(', ')}, in ${folder}`
  return new RecipeError({ file: given, key: '' }, message)
}
