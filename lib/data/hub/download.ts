// Downloads a data set or a model into the cache as Python lays it out, so that either finds what the other got.
import { readlink, rename, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { checkOptions, type OptionKeys, requireStrings } from '../../arguments.js'
import { makeFolder } from '../../io/make-folder.js'
import { withTemporary } from '../../io/temporary.js'
import { writeFileAtomically } from '../../io/write-file.js'
import { ownWriter } from '../../io/writer.js'
import { isGlobMatch } from '../folder/glob.js'
import { type BlobOptions, fetchBlob } from './blob.js'
import {
  isCommit,
  type Repository,
  type RepositoryType,
  repositoryFolder,
  requireName,
  requireRevision,
} from './cache.js'
import { HubError } from './errors.js'
import { addressIn, type HubFile, listFiles, type Revision } from './repository-files.js'
import { type RetryOptions, withRetries } from './retry.js'
import { type HubSettings, hubSettings } from './settings.js'
import { findSnapshot } from './snapshot.js'

/** What to download, and how patiently. */
export interface DownloadOptions extends RetryOptions {
  /** Default 'dataset'. */
  type?: RepositoryType
  /** A branch, a tag or a commit. Default 'main'. */
  revision?: string
  /** Patterns of names, such as *.json or main/**; without a slash, of the last part. Without them all files are downloaded. */
  include?: readonly string[] | undefined
  /** Where HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, HF_HOME and HF_HUB_CACHE are looked up. Default process.env. */
  env?: NodeJS.ProcessEnv
  /** Without a byte for so many milliseconds, a connection counts as broken. Default 30,000. */
  idleMs?: number
  /** Told how far all files together have come. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined
}

/** How far all files of a download have come together. */
export interface DownloadProgress {
  /** There by now. */
  numBytes: number
  /** Of all files. */
  totalBytes: number
  /** Files that are whole. */
  numFiles: number
  /** Files in all. */
  totalFiles: number
}

/** Where a download is. */
export interface Downloaded {
  /** Where the files are, as links. */
  folder: string
  /** That the revision stood for: 40 hexadecimal digits. */
  commit: string
  /** Empty where HF_HUB_OFFLINE left it at what the cache has. */
  files: {
    /** From the repository's folder, with slashes. */
    name: string
    /** Size of the whole file. */
    numBytes: number
    /** Whether it was fetched now, and not there before. */
    isNew: boolean
  }[]
}

const numAtOnce = 4

/**
 * Downloads a data set or a model, `org/name`, into the Hugging Face cache as Python lays it out, so that either finds what the
 * other got. Everything that is missing is fetched; a file counts only when its hash is right, and the revision's name stands
 * for the new commit only when all files are there. HF_TOKEN goes to the hub's own host and nowhere else.
 *
 * @throws {@link ArgumentError} for a name, revision or setting that cannot be one
 * @throws {@link LengthenError} with the code HubError, where the hub did not give what was asked
 */
export async function downloadFromHub(name: string, options: DownloadOptions = {}): Promise<Downloaded> {
  requireStrings('hub', { name })
  checkOptions('hub', options, optionKeys)
  const { type = 'dataset', revision = 'main', env, include, ...retry } = options
  requireName(name)
  requireRevision(revision)
  const repository = { type, name }
  const settings = hubSettings(env)
  const root = repositoryFolder(repository, env)
  if (settings.isOffline) return fromCache(repository, { revision, env, root })
  const asked = { ...retry, settings }
  const list = () => listFiles(repository, revision, asked)
  const found = await withRetries(`the list of files of ${name}`, list, retry).catch((error: unknown) => {
    throw withAdvice(error, { repository, root })
  })
  const chosen = choose(found, { name, include })
  const files = await new Transfer(repository, { root, settings, found, options: asked }).run(chosen)
  if (!isCommit(revision)) await writeRef(join(root, 'refs', revision), found.commit)
  return { folder: join(root, 'snapshots', found.commit), commit: found.commit, files }
}

const optionKeys: OptionKeys<DownloadOptions> = {
  type: true,
  revision: true,
  include: true,
  env: true,
  idleMs: true,
  onProgress: true,
  maxAttempts: true,
  firstPauseMs: true,
  signal: true,
}

function choose(
  { files }: Revision,
  { name, include }: { name: string; include: readonly string[] | undefined },
): HubFile[] {
  if (!include?.length) return files
  const fits = (glob: string, name: string) => isGlobMatch(glob.includes('/') ? glob : `**/${glob}`, name)
  const chosen = files.filter((file) => include.some((glob) => fits(glob, file.name)))
  if (chosen.length > 0) return chosen
  const names = files.slice(0, 20).map((file) => file.name)
  throw new HubError(
    `[hub] expected files of ${name} that fit ${include.join(' or ')}, got ${names.join(', ') || 'none'}`,
  )
}

interface TransferOf {
  root: string
  settings: HubSettings
  found: Revision
  options: Omit<BlobOptions, 'onBytes'> & Pick<DownloadOptions, 'onProgress'>
}

class Transfer {
  readonly #failed = new AbortController()
  readonly #numBytes = new Map<string, number>()
  #numFiles = 0

  constructor(
    private readonly repository: Repository,
    private readonly of: TransferOf,
  ) {}

  /** A few files at once; the first failure stops the others. */
  async run(files: readonly HubFile[]): Promise<Downloaded['files']> {
    const waiting = [...files]
    const done = new Map<HubFile, boolean>()
    const worker = async () => {
      for (let file = waiting.shift(); file && !this.#failed.signal.aborted; file = waiting.shift())
        done.set(file, await this.#fetch(file, files))
    }
    const stop = (reason: unknown) => {
      this.#failed.abort(reason)
      throw reason
    }
    await makeFolder(join(this.of.root, 'blobs'))
    const ended = await Promise.allSettled(Array.from({ length: numAtOnce }, () => worker().catch(stop)))
    this.of.options.signal?.throwIfAborted()
    const failures = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    if (failures.length > 0) throw failures[0]
    return files.map((file) => ({ name: file.name, numBytes: file.numBytes, isNew: done.get(file) === true }))
  }

  async #fetch(file: HubFile, all: readonly HubFile[]): Promise<boolean> {
    const { root, found, settings, options } = this.of
    const { type, name } = this.repository
    const path = [found.commit, ...file.name.split('/')].map(encodeURIComponent).join('/')
    const url = addressIn(settings.endpoint, `${type === 'dataset' ? 'datasets/' : ''}${name}/resolve/${path}`)
    const { signal } = options
    const stop = signal ? AbortSignal.any([signal, this.#failed.signal]) : this.#failed.signal
    const onBytes = (numBytes: number) => this.#tell(file, numBytes, all)
    const isNew = await fetchBlob(url, file, join(root, 'blobs'), { ...options, signal: stop, onBytes })
    await linkTo(join(root, 'blobs', file.hash), join(root, 'snapshots', found.commit, file.name))
    this.#numFiles++
    onBytes(file.numBytes)
    return isNew
  }

  #tell({ name, numBytes: whole }: HubFile, numBytes: number, all: readonly HubFile[]): void {
    this.#numBytes.set(name, Math.min(whole, numBytes))
    this.of.options.onProgress?.({
      numBytes: [...this.#numBytes.values()].reduce((a, b) => a + b, 0),
      totalBytes: all.reduce((sum, file) => sum + file.numBytes, 0),
      numFiles: this.#numFiles,
      totalFiles: all.length,
    })
  }
}

/** A relative link, so that the cache may be moved as a whole. One that is there and leads elsewhere is replaced at once. */
async function linkTo(blob: string, path: string): Promise<void> {
  const target = relative(dirname(path), blob)
  await makeFolder(dirname(path))
  if ((await readlink(path).catch(() => undefined)) === target) return
  const temporary = join(dirname(path), `.${ownWriter}-${numLinks++}.tmp`)
  await withTemporary(temporary, async () => {
    await symlink(target, temporary)
    await rename(temporary, path)
  })
}

let numLinks = 0

async function writeRef(path: string, commit: string): Promise<void> {
  await makeFolder(dirname(path))
  await writeFileAtomically(path, commit)
}

async function fromCache(
  repository: Repository,
  { revision, env, root }: { revision: string; env: NodeJS.ProcessEnv | undefined; root: string },
): Promise<Downloaded> {
  const snapshot = await findSnapshot(repository, { revision, env })
  if (snapshot) return { ...snapshot, files: [] }
  const why = `[hub] expected ${revision} of ${repository.name} in the cache, since HF_HUB_OFFLINE is set, got none`
  throw new HubError(`${why}; ${whatToDo(repository, root)}, or unset HF_HUB_OFFLINE`)
}

function withAdvice(error: unknown, { repository, root }: { repository: Repository; root: string }): unknown {
  if (!(error instanceof HubError) || !error.isUnreachable) return error
  const mirror = 'HF_ENDPOINT may name a mirror'
  return new HubError(`${error.message}; without a network, ${whatToDo(repository, root)}; ${mirror}`, { cause: error })
}

const whatToDo = ({ type, name }: Repository, root: string): string =>
  `run \`lengthen data download ${name}${type === 'model' ? ' --type model' : ''}\` on a machine that has one and copy its folder to ${root}`
