// What files a revision of a data set or model has, with sizes and hashes, as the hub's interface tells. None of it is trusted: names that
// leave their folder and hashes that are none are refused before anything is written.
import { z } from 'zod'
import { FileFormatError } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import type { Repository } from './cache.js'
import { HubError } from './errors.js'
import { get, type RequestOptions, shown } from './request.js'

export interface HubFile {
  /** With slashes; stays in its folder. */
  name: string
  numBytes: number
  /** Of the content: SHA-256 of large files, else git's SHA-1. Its name in the cache. */
  hash: string
}

export interface Revision {
  commit: string
  files: HubFile[]
}

const maxAnswerBytes = 2 ** 27

const commit = z.string().regex(/^[0-9a-f]{40}$/)
const size = z.int().min(0)
const answerSchema = z.looseObject({
  sha: commit,
  siblings: z.array(
    z.looseObject({
      rfilename: z.string(),
      size,
      blobId: commit,
      lfs: z.looseObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size }).nullish(),
    }),
  ),
})

/** Asks the hub once. */
export async function listFiles(
  { type, name }: Repository,
  revision: string,
  options: RequestOptions,
): Promise<Revision> {
  const { endpoint } = options.settings
  const url = addressIn(endpoint, `api/${type}s/${name}/revision/${encodeURIComponent(revision)}?blobs=true`)
  const answer = answerSchema.safeParse(parseJson(await textOf(url, options), { file: shown(url) }))
  if (!answer.success) {
    const [issue] = answer.error.issues
    throw new FileFormatError(
      { file: shown(url), place: issue?.path.join('.') },
      issue?.message ?? 'unexpected content',
    )
  }
  const files = answer.data.siblings.map(
    ({ rfilename, size, blobId, lfs }): HubFile => ({
      name: safeName(rfilename, name),
      numBytes: lfs?.size ?? size,
      hash: lfs?.sha256 ?? blobId,
    }),
  )
  requireDistinct(files, name)
  return { commit: answer.data.sha, files }
}

/** An address below the endpoint, which may have a path of its own. */
export const addressIn = (endpoint: URL, path: string): URL => new URL(`${endpoint.href.replace(/\/+$/, '')}/${path}`)

async function textOf(url: URL, options: RequestOptions): Promise<string> {
  const answer = await get(url, { ...options, headers: { accept: 'application/json' } })
  const pieces: Uint8Array[] = []
  let numBytes = 0
  for await (const piece of answer.bytes) {
    numBytes += piece.length
    if (numBytes > maxAnswerBytes)
      throw new HubError(`[hub] expected at most ${maxAnswerBytes} bytes from ${shown(url)}, got more`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Each its own file, and none the folder of another. */
function requireDistinct(files: readonly HubFile[], repository: string): void {
  const names = new Set<string>()
  for (const { name } of files) {
    if (names.has(name))
      throw new HubError(`[hub] expected each file of ${repository} once, got ${shortened(name)} twice`)
    names.add(name)
  }
  for (const { name } of files)
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const folder = name.slice(0, end)
      if (!names.has(folder)) continue
      const both = `${shortened(folder)} and ${shortened(name)}`
      throw new HubError(`[hub] expected no file of ${repository} in the place of a folder, got ${both}`)
    }
}

const shortened = (name: string): string => JSON.stringify(name.length > 200 ? `${name.slice(0, 199)}…` : name)

/** Of one part of a path, on the file systems in use. */
const maxPartBytes = 255

function safeName(name: string, repository: string): string {
  const isPart = (part: string) => part !== '' && part !== '.' && part !== '..'
  const hasControl = /[\p{Cc}\\]/u.test(name)
  const parts = name.split('/')
  if (hasControl || name.length > 1000 || !parts.every(isPart))
    throw new HubError(`[hub] expected names inside the folder of ${repository}, got ${shortened(name)}`)
  if (parts.every((part) => Buffer.byteLength(part) <= maxPartBytes)) return name
  throw new HubError(
    `[hub] expected names of at most ${maxPartBytes} bytes a part in ${repository}, got ${shortened(name)}`,
  )
}
