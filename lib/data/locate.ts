// From what a recipe says to the files that are read: a file, a folder's, or those of a data set in the Hugging Face cache.
import { readdir, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ArgumentError, FileFormatError, isError, messageOf } from '../errors.js'
import { resolveInside } from '../io/inside-folder.js'
import { readTextFileIfPresent } from '../io/read-file.js'
import { subsetsOf } from './folder/card.js'
import { selectFiles } from './folder/select.js'
import { formatNames, formatOf } from './formats/index.js'
import { isRepositoryName, repositoryFolder } from './hub/cache.js'
import { findSnapshot } from './hub/snapshot.js'
import type { DataSource } from './source.js'

export interface DataFile {
  path: string
  /** From the data set's folder, with slashes; of a file alone its path as given. */
  name: string
}

export interface LocatedData {
  files: DataFile[]
  /** Of a data set in the Hugging Face cache: the commit. */
  commit: string | undefined
}

/** The files, in the order in which they are read. What is not there, or leaves its folder, is an error. */
export async function locateData(source: DataSource, env?: NodeJS.ProcessEnv): Promise<LocatedData> {
  const { path, revision } = source
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  if (isError(stats)) {
    const snapshot = isDataSetName(path) ? await snapshotOf(path, { revision, env, why: stats }) : undefined
    if (!snapshot) throw cannotBeRead(path, stats)
    return { files: await filesIn(snapshot.folder, source), commit: snapshot.commit }
  }
  if (stats.isDirectory()) return { files: await filesIn(path, source), commit: undefined }
  const { split, subset } = source
  if (split !== undefined || subset !== undefined)
    throw new ArgumentError(`[data] expected no split or subset for the file ${path}, got ${split ?? subset}`)
  return { files: [{ path, name: path }], commit: undefined }
}

/** Whether the cache has a data set of this name, in any revision. */
export async function isCachedName(name: string, env?: NodeJS.ProcessEnv): Promise<boolean> {
  if (!isDataSetName(name)) return false
  const snapshots = join(repositoryFolder({ type: 'dataset', name }, env), 'snapshots')
  return stat(snapshots).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}

/** train.jsonl and data/train.csv are files, there or not. */
export const isDataSetName = (path: string): boolean => isRepositoryName(path) && formatOf(path) === undefined

const cannotBeRead = (file: string, cause: unknown): FileFormatError =>
  new FileFormatError({ file }, `cannot be read: ${messageOf(cause)}`, { cause })

async function snapshotOf(
  name: string,
  { revision, env, why }: { revision: string | undefined; env: NodeJS.ProcessEnv | undefined; why: Error },
): ReturnType<typeof findSnapshot> {
  const repository = { type: 'dataset', name } as const
  const snapshot = await findSnapshot(repository, { revision, env })
  if (snapshot) return snapshot
  const which = revision === undefined ? '' : ` --revision ${revision}`
  const folder = repositoryFolder(repository, env)
  throw new FileFormatError(
    { file: name },
    `cannot be read: ${messageOf(why)}; nor is it in the Hugging Face cache, as ${folder}: \`lengthen data download ${name}${which}\` gets it`,
    { cause: why },
  )
}

async function filesIn(folder: string, source: DataSource): Promise<DataFile[]> {
  const names = await namesIn(folder)
  const readme = names.includes('README.md') ? await resolveInside(folder, 'README.md', folder) : undefined
  const card = readme && (await readTextFileIfPresent(readme))
  const subsets = card ? subsetsOf(card, readme) : []
  const { subset, split } = source
  if (names.length === 0)
    throw new FileFormatError({ file: folder }, `expected files of data (${formatNames.join(', ')}), got none`)
  const chosen = selectFiles(names, { folder, subsets, subset, split })
  return Promise.all(chosen.map(async (name) => ({ path: await resolveInside(folder, name, folder), name })))
}

/** Files and links to files; links to folders are not followed. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const prefix = folder.endsWith(sep) ? folder : folder + sep
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name).slice(prefix.length).replaceAll(sep, '/'))
}
