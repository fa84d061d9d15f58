// A hub on this machine that can be told to misbehave.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export const commit = '0123456789abcdef0123456789abcdef01234567'

export interface Seen {
  path: string
  host: string
  range: string | undefined
  authorization: string | undefined
}

type Answer = (response: ServerResponse, content: Buffer, request: IncomingMessage) => void

export interface Hub {
  url: string
  /** Files' requests in their order. */
  seen: Seen[]
  /** How the next requests for files are answered, one after another; then well. */
  misbehave: Answer[]
  /** What the list of files says; changed by tests that lie there. */
  siblings: Record<string, unknown>[]
  listStatus: number[]
}

/** Of large files the hash is SHA-256, of small ones git's. */
export async function startHub(files: Record<string, string | Buffer>, { large = true } = {}): Promise<Hub> {
  const contents = new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content as string)]))
  const hub: Hub = { url: '', seen: [], misbehave: [], siblings: [], listStatus: [] }
  hub.siblings = [...contents].map(([name, content]) => siblingOf(name, content, { large }))
  hub.url = await listen((request, response) => {
    const path = decodeURIComponent((request.url ?? '').replace(/\?.*$/, ''))
    if (path.startsWith('/api/')) return answerList(hub, response)
    const { range, authorization, host = '' } = request.headers
    hub.seen.push({ path, host, range, authorization })
    const content = contents.get(path.replace(/^.*?\/resolve\/[^/]+\//, ''))
    if (!content) return void response.writeHead(404).end()
    ;(hub.misbehave.shift() ?? serve)(response, content, request)
  })
  return hub
}

export async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** As the hub does: a range where one is asked for. */
export const serve: Answer = (response, content, { headers: { range } }) => {
  const begin = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
  const part = content.subarray(begin)
  const contentRange = { 'content-range': `bytes ${begin}-${content.length - 1}/${content.length}` }
  response.writeHead(begin > 0 ? 206 : 200, { 'content-length': part.length, ...(begin > 0 && contentRange) }).end(part)
}

const broken: ServerResponse[] = []

/** Breaks off what breakAfter answers: to be called when bytes have arrived, since what is under way when a connection breaks is lost. */
export function breakNow(): void {
  for (const response of broken.splice(0)) response.destroy()
}

/** Gives so many bytes of what was asked for and no more, and breaks off when told to, or in half a second. */
export const breakAfter =
  (numBytes: number): Answer =>
  (response, content, request) => {
    const begin = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const length = content.length - begin
    const contentRange = { 'content-range': `bytes ${begin}-${content.length - 1}/${content.length}` }
    response.writeHead(begin > 0 ? 206 : 200, { 'content-length': length, ...(begin > 0 && contentRange) })
    response.write(content.subarray(begin, begin + numBytes))
    broken.push(response)
    setTimeout(() => response.destroy(), 500)
  }

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end()

export const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')

export const gitSha1 = (content: Buffer): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')

function siblingOf(rfilename: string, content: Buffer, { large }: { large: boolean }): Record<string, unknown> {
  const size = content.length
  const lfs = { sha256: sha256(content), size, pointerSize: 130 }
  return { rfilename, size, blobId: gitSha1(content), ...(large && { lfs }) }
}

function answerList({ siblings, listStatus }: Hub, response: ServerResponse): void {
  const code = listStatus.shift()
  if (code !== undefined) return void response.writeHead(code, { 'retry-after': '0' }).end()
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ sha: commit, siblings }))
}
