// Where the Hugging Face cache lies and how it is laid out: <cache>/datasets--org--name/{blobs,refs,snapshots}, as Python has it.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ArgumentError } from '../../errors.js'

/** What a repository of the hub holds. */
export type RepositoryType = 'dataset' | 'model'

export interface Repository {
  type: RepositoryType
  /** `org/name`, or `name` alone. */
  name: string
}

/** HF_HUB_CACHE, or hub/ in HF_HOME, or in ~/.cache/huggingface. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = env
  const cache = HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE
  if (cache) return resolve(withHome(cache))
  const home = HF_HOME ? withHome(HF_HOME) : join(withHome(XDG_CACHE_HOME || '~/.cache'), 'huggingface')
  return resolve(home, 'hub')
}

/** The folder of a data set or model in the cache. */
export function repositoryFolder({ type, name }: Repository, env?: NodeJS.ProcessEnv): string {
  requireName(name)
  return join(cacheFolder(env), `${type}s--${name.replace('/', '--')}`)
}

/** `org/name` or `name`, of letters, digits and - _ . as the hub allows them: never a path that leaves the cache. */
export function isRepositoryName(name: string): boolean {
  const isPart = (part: string) => /^\w([\w.-]*\w)?$/.test(part) && !/--|\.\./.test(part)
  const parts = name.split('/')
  return name.length <= 96 && parts.length <= 2 && parts.every(isPart)
}

export function requireName(name: string): void {
  if (isRepositoryName(name)) return
  throw new ArgumentError(`[hub] expected org/name for a data set or model, got ${JSON.stringify(name.slice(0, 200))}`)
}

/** A branch, a tag, refs/pr/1 or a commit: names of folders at most. */
export function isRevision(revision: string): boolean {
  const isPart = (part: string) => /^[\w+@=-][\w+@=.-]*$/.test(part) && !part.includes('..')
  return revision.length <= 200 && revision.split('/').every(isPart)
}

export function requireRevision(revision: string): void {
  if (isRevision(revision)) return
  throw new ArgumentError(
    `[hub] expected a branch, a tag or a commit for the revision, got ${JSON.stringify(revision)}`,
  )
}

export const isCommit = (text: string): boolean => /^[0-9a-f]{40}$/.test(text)

const withHome = (path: string): string => (/^~(?=$|\/)/.test(path) ? join(homedir(), path.slice(1)) : path)
