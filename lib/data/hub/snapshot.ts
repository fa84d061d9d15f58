// What the cache holds of a data set or model.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FileFormatError } from '../../errors.js'
import { readTextFileIfPresent } from '../../io/read-file.js'
import { isCommit, type Repository, repositoryFolder, requireRevision } from './cache.js'

export interface Snapshot {
  folder: string
  commit: string
}

/** The folder with the files of a revision, or undefined where the cache has none. */
export async function findSnapshot(
  repository: Repository,
  { revision = 'main', env }: { revision?: string | undefined; env?: NodeJS.ProcessEnv | undefined } = {},
): Promise<Snapshot | undefined> {
  requireRevision(revision)
  const root = repositoryFolder(repository, env)
  const commit = isCommit(revision) ? revision : await commitOf(join(root, 'refs', revision))
  if (commit === undefined) return undefined
  const folder = join(root, 'snapshots', commit)
  const isThere = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  return isThere ? { folder, commit } : undefined
}

async function commitOf(file: string): Promise<string | undefined> {
  const commit = (await readTextFileIfPresent(file))?.trim()
  if (commit === undefined || isCommit(commit)) return commit
  throw new FileFormatError(
    { file },
    `expected a commit of 40 hexadecimal digits, got ${JSON.stringify(commit.slice(0, 60))}`,
  )
}
