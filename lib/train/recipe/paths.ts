// Paths in a recipe start at its file. They are made absolute when it is read, so that the resolved recipe, which a run
// keeps in its own directory, still means the same files.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Recipe } from './schema.js'
import type { KeyPath } from './source.js'

const pathKeys = [
  ['model', 'path', 'folder'],
  ['model', 'tokenizer', 'folder'],
  ['data', 'train', 'file'],
  ['data', 'heldOut', 'file'],
] as const

/** A path that is not what its key is for. */
export interface WrongPath {
  key: KeyPath
  path: string
  expected: 'file' | 'folder'
  found: 'file' | 'folder' | 'none'
}

/** A copy of the recipe with absolute paths. */
export function withAbsolutePaths(recipe: Recipe, folder: string): Recipe {
  const copy = structuredClone(recipe)
  for (const [section, key] of pathKeys) {
    const path = pathAt(recipe, section, key)
    if (path !== undefined) Object.assign(copy[section], { [key]: resolve(folder, path) })
  }
  return copy
}

/** The first key whose file or folder is not there, or is the other. */
export async function findWrongPath(recipe: Recipe): Promise<WrongPath | undefined> {
  for (const [section, key, expected] of pathKeys) {
    const path = pathAt(recipe, section, key)
    if (path === undefined) continue
    const found = await kindOf(path)
    if (found !== expected) return { key: [section, key], path, expected, found }
  }
  return undefined
}

function pathAt(recipe: Recipe, section: 'model' | 'data', key: string): string | undefined {
  return (recipe[section] as Record<string, unknown>)[key] as string | undefined
}

const kindOf = (path: string): Promise<WrongPath['found']> =>
  stat(path).then(
    (stats) => (stats.isDirectory() ? 'folder' : 'file'),
    () => 'none',
  )
