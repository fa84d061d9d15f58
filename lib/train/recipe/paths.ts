// Paths in a recipe start at its file. They are made absolute when it is read, so that the resolved recipe, which a run
// keeps in its own directory, still means the same files.
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Recipe } from './schema.js'
import type { KeyPath } from './source.js'

const pathKeys = [
  ['model', 'path'],
  ['model', 'tokenizer'],
  ['data', 'train'],
  ['data', 'heldOut'],
] as const

/** A copy of the recipe with absolute paths. */
export function withAbsolutePaths(recipe: Recipe, folder: string): Recipe {
  const copy = structuredClone(recipe)
  for (const [section, key] of pathKeys) {
    const path = pathAt(recipe, section, key)
    if (path !== undefined) Object.assign(copy[section], { [key]: resolve(folder, path) })
  }
  return copy
}

/** The first key whose file or folder is not there. */
export async function findMissingPath(recipe: Recipe): Promise<{ key: KeyPath; path: string } | undefined> {
  for (const [section, key] of pathKeys) {
    const path = pathAt(recipe, section, key)
    if (path !== undefined && !(await exists(path))) return { key: [section, key], path }
  }
  return undefined
}

function pathAt(recipe: Recipe, section: 'model' | 'data', key: string): string | undefined {
  return (recipe[section] as Record<string, unknown>)[key] as string | undefined
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
