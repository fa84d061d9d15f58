// Paths in a recipe start at its file. They are made absolute when it is read, so that the resolved recipe, which a run
// keeps in its own directory, still means the same files.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Recipe } from './schema.js'
import type { KeyPath } from './source.js'

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
  for (const { holder, key } of pathsOf(copy)) {
    const path = holder[key]
    if (path !== undefined) holder[key] = resolve(folder, path)
  }
  return copy
}

/** The first key whose file or folder is not there, or is the other. */
export async function findWrongPath(recipe: Recipe): Promise<WrongPath | undefined> {
  for (const { at, holder, key, expected } of pathsOf(recipe)) {
    const path = holder[key]
    if (path === undefined) continue
    const found = await kindOf(path)
    if (found !== expected) return { key: [...at, key], path, expected, found }
  }
  return undefined
}

interface PathKey {
  /** Where `holder` is in the recipe. */
  at: KeyPath
  holder: Record<string, string | undefined>
  key: string
  expected: 'file' | 'folder'
}

function pathsOf({ model, data }: Recipe): PathKey[] {
  const sets = data.heldOutSets ?? {}
  const [ofModel, ofData] = [model, data] as unknown as [PathKey['holder'], PathKey['holder']]
  return [
    { at: ['model'], holder: ofModel, key: 'path', expected: 'folder' },
    { at: ['model'], holder: ofModel, key: 'tokenizer', expected: 'folder' },
    { at: ['data'], holder: ofData, key: 'train', expected: 'file' },
    { at: ['data'], holder: ofData, key: 'heldOut', expected: 'file' },
    ...Object.keys(sets).map((key): PathKey => ({ at: ['data', 'heldOutSets'], holder: sets, key, expected: 'file' })),
  ]
}

const kindOf = (path: string): Promise<WrongPath['found']> =>
  stat(path).then(
    (stats) => (stats.isDirectory() ? 'folder' : 'file'),
    () => 'none',
  )
