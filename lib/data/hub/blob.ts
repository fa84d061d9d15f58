// One file of the hub, by the hash of its content: fetched in as many pieces as the connection breaks it into, and checked before it gets
// its name. Processes that fetch the same file at once each fetch it whole; the last one's name holds, and they are the same.
import { type FileHandle, open, rename, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { fileSha256, gitBlobSha1 } from '../../io/file-hash.js'
import { HubError, PassingFailure } from './errors.js'
import { bytesOf, withPartial } from './partial.js'
import type { HubFile } from './repository-files.js'
import { get, type HubAnswer, type RequestOptions } from './request.js'
import { type RetryOptions, withRetries } from './retry.js'

export interface BlobOptions extends RequestOptions, RetryOptions {
  /** Called with how many bytes there are by now. */
  onBytes?: ((numBytes: number) => void) | undefined
}

/** How often content of another hash is fetched before that is the answer. */
const maxWrong = 2

/** Puts the file into the folder, under its hash; false where it is there already, with the right content. */
export async function fetchBlob(url: URL, file: HubFile, folder: string, options: BlobOptions): Promise<boolean> {
  const path = join(folder, file.hash)
  if (await isWhole(path, file)) return false
  return withPartial(folder, file.hash, async (partial) => {
    await new BlobDownload(url, file, partial, options).run()
    await rename(partial, path)
    return true
  })
}

/** Whatever is there under this name: a copy may have lost bits, or another program may have written half of it. */
async function isWhole(path: string, { hash, numBytes }: HubFile): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isFile() === true && stats.size === numBytes && (await hashLike(hash, path)) === hash
}

/** SHA-256 where the hash that is wanted is one, else git's SHA-1. */
const hashLike = (hash: string, path: string): Promise<string> =>
  hash.length === 64 ? fileSha256(path) : gitBlobSha1(path)

class BlobDownload {
  #numWrong = 0
  /** The most bytes that any attempt had: going over the same ones again is no headway. */
  #mostBytes = 0

  constructor(
    private readonly url: URL,
    private readonly file: HubFile,
    private readonly partial: string,
    private readonly options: BlobOptions,
  ) {}

  async run(): Promise<void> {
    this.#mostBytes = await bytesOf(this.partial)
    await withRetries(`${this.file.name} whole`, () => this.#attempt(), this.options)
  }

  async #attempt(): Promise<void> {
    const handle = await open(this.partial, 'a').then(async (made) => {
      await made.close()
      return open(this.partial, 'r+')
    })
    try {
      await this.#complete(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await this.#check()
  }

  /** Fetches what is missing. */
  async #complete(handle: FileHandle): Promise<void> {
    const { numBytes } = this.file
    const { size } = await handle.stat()
    const begin = size > numBytes ? 0 : size
    if (begin === numBytes && numBytes > 0) return
    const headers: Record<string, string> = begin > 0 ? { range: `bytes=${begin}-` } : {}
    const answer = await get(this.url, { ...this.options, headers })
    const from = beginOf(answer, { begin, numBytes })
    if (from === undefined) {
      answer.close()
      await handle.truncate(0)
      throw new PassingFailure('another range of bytes than was asked for', { status: answer.status })
    }
    await handle.truncate(from)
    await this.#write(handle, answer, from)
  }

  async #write(handle: FileHandle, answer: HubAnswer, from: number): Promise<void> {
    const { numBytes } = this.file
    let at = from
    const failed = (message: string, cause?: unknown) => {
      const hasProgress = at > this.#mostBytes
      this.#mostBytes = Math.max(at, this.#mostBytes)
      return new PassingFailure(message, { hasProgress, cause })
    }
    try {
      for await (const bytes of answer.bytes) {
        if (at + bytes.length > numBytes) {
          await handle.truncate(0)
          throw failed(`more than the ${numBytes} bytes that it is said to have`)
        }
        await handle.writev([bytes], at)
        at += bytes.length
        this.options.onBytes?.(at)
      }
    } catch (error) {
      throw error instanceof PassingFailure && !error.about.hasProgress
        ? failed(error.message, error.about.cause)
        : error
    }
    if (at < numBytes) throw failed(`${at} of ${numBytes} bytes`)
  }

  async #check(): Promise<void> {
    const { hash, name } = this.file
    const got = await hashLike(hash, this.partial)
    if (got === hash) return
    await truncate(this.partial)
    this.#numWrong++
    const message = `content with the hash ${got}`
    if (this.#numWrong < maxWrong) throw new PassingFailure(message)
    throw new HubError(`[hub] expected ${name} with the hash ${hash}, got ${message}, ${maxWrong} times`)
  }
}

/** Where the answer's bytes begin; undefined where that is neither what was asked for nor the whole. */
function beginOf({ status, headers }: HubAnswer, asked: { begin: number; numBytes: number }): number | undefined {
  if (status === 200) return 0
  if (status !== 206) return undefined
  const [, begin, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? []
  const isRight = Number(begin) === asked.begin && (total === '*' || Number(total) === asked.numBytes)
  return begin !== undefined && isRight ? asked.begin : undefined
}
