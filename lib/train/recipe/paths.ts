// Paths in a recipe start at its file. They are made absolute when it is read, so that the resolved recipe, which a run
// keeps in its own directory, still means the same files.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isCachedName } from '../../data/locate.js'
import type { DataSetSection } from './data-set.js'
import type { Recipe } from './schema.js'
import type { KeyPath } from './source.js'

type Kind = 'file' | 'folder' | 'none'

/** A path that is not what its key is for. */
export interface WrongPath {
  key: KeyPath
  path: string
  expected: string
  found: Kind
}

/** What names files and folders in a recipe, whatever the recipe is for. */
export interface NamesPaths {
  model: Pick<Recipe['model'], 'path' | 'tokenizer' | 'adapter'>
  data: Pick<Recipe['data'], 'train' | 'heldOut' | 'heldOutSets'>
}

/** A copy of the recipe with absolute paths. The name of a data set that lies in the Hugging Face cache, and nowhere else, stays. */
export async function withAbsolutePaths<R extends NamesPaths>(recipe: R, folder: string): Promise<R> {
  const copy = structuredClone(recipe)
  for (const { holder, key, isData } of pathsOf(copy)) {
    const path = holder[key]
    if (path === undefined) continue
    const absolute = resolve(folder, path)
    const isName = isData && (await kindOf(absolute)) === 'none' && (await isCachedName(path))
    if (!isName) holder[key] = absolute
  }
  return copy
}

/** The first key whose file or folder is not there, or is the other. */
export async function findWrongPath(recipe: NamesPaths): Promise<WrongPath | undefined> {
  for (const { at, holder, key, isData } of pathsOf(recipe)) {
    const path = holder[key]
    if (path === undefined || (isData && (await isCachedName(path)))) continue
    const found = await kindOf(path)
    const expected = isData ? 'file, a folder or the name of a downloaded data set' : 'folder'
    if (isData ? found === 'none' : found !== 'folder') return { key: [...at, key], path, expected, found }
  }
  return undefined
}

interface PathKey {
  /** Where `holder` is in the recipe. */
  at: KeyPath
  holder: Record<string, string | undefined>
  key: string
  /** A data set's, else that of a folder. */
  isData: boolean
}

function pathsOf({ model, data }: NamesPaths): PathKey[] {
  const ofModel = model as unknown as PathKey['holder']
  const { train, heldOut, heldOutSets = {} } = data
  return [
    { at: ['model'], holder: ofModel, key: 'path', isData: false },
    { at: ['model'], holder: ofModel, key: 'tokenizer', isData: false },
    { at: ['model'], holder: ofModel, key: 'adapter', isData: false },
    ...pathsOfSets({ train, heldOut }, data as Sets, ['data']),
    ...pathsOfSets(heldOutSets, heldOutSets, ['data', 'heldOutSets']),
  ]
}

type Sets = Record<string, DataSetSection | undefined>

/** `holder` is what the sets are kept in. */
function pathsOfSets(sets: Sets, holder: Sets, at: KeyPath): PathKey[] {
  return Object.entries(sets).map(([key, set]): PathKey => {
    if (typeof set === 'object')
      return { at: [...at, key], holder: set as PathKey['holder'], key: 'path', isData: true }
    return { at, holder: holder as PathKey['holder'], key, isData: true }
  })
}

const kindOf = (path: string): Promise<Kind> =>
  stat(path).then(
    (stats) => (stats.isDirectory() ? 'folder' : 'file'),
    () => 'none',
  )
