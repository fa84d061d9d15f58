import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type DownloadOptions, downloadFromHub } from '../../../lib/data/hub/download.js'
import { readRows } from '../../../lib/data/rows.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import {
  breakAfter,
  breakNow,
  commit,
  gitSha1,
  type Hub,
  listen,
  serve,
  sha256,
  startHub,
  status,
} from './hub-server.js'

const content = randomBytes(300_000)

interface Place {
  cache: string
  env: Record<string, string>
  get: (options?: DownloadOptions) => ReturnType<typeof downloadFromHub>
}

/** A cache of its own, and short pauses. */
function placeFor({ url }: Pick<Hub, 'url'>, more: Record<string, string> = {}): Place {
  const cache = temporaryFolder()
  const env = { HF_HUB_CACHE: cache, HF_ENDPOINT: url, ...more }
  return {
    cache,
    env,
    get: (options) =>
      downloadFromHub('org/set', { env, firstPauseMs: 1, idleMs: 2000, onProgress: breakNow, ...options }),
  }
}

const root = ({ cache }: Place) => join(cache, 'datasets--org--set')

test('files are links to blobs by hash, and the ref names the commit, as Python lays them out', async () => {
  const hub = await startHub(
    { 'data/train.jsonl': '{"problem":"p","answer":"1"}\n', 'README.md': 'about' },
    { large: false },
  )
  const place = placeFor(hub)
  const { folder, files } = await place.get()
  expect(folder).toBe(join(root(place), 'snapshots', commit))
  expect(readFileSync(join(root(place), 'refs/main'), 'utf8')).toBe(commit)
  const hash = gitSha1(Buffer.from('{"problem":"p","answer":"1"}\n'))
  expect(readlinkSync(join(folder, 'data/train.jsonl'))).toBe(`../../../blobs/${hash}`)
  expect(lstatSync(join(root(place), 'blobs', hash)).isFile()).toBe(true)
  expect(files.map(({ name, isNew }) => [name, isNew])).toEqual([
    ['data/train.jsonl', true],
    ['README.md', true],
  ])
  expect(await readRows('org/set', { env: place.env })).toEqual([{ id: 'line 1', problem: 'p', answer: '1' }])
  const again = await place.get()
  expect(again.files.every(({ isNew }) => !isNew)).toBe(true)
  expect(hub.seen).toHaveLength(2)
})

test('a broken connection goes on where it was', async () => {
  const hub = await startHub({ 'a.bin': content })
  hub.misbehave = [breakAfter(100_000), breakAfter(50_000)]
  const place = placeFor(hub)
  const { folder } = await place.get()
  expect(readFileSync(join(folder, 'a.bin')).equals(content)).toBe(true)
  const begins = hub.seen.map(({ range }) => Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0))
  expect(begins[0]).toBe(0)
  expect(begins[1]).toBeGreaterThan(0)
  expect(begins[2]).toBeGreaterThan(begins[1] as number)
  expect(readdirSync(join(root(place), 'blobs'))).toEqual([sha256(content)])
})

test('what an earlier process left goes on where it was, and what a living one writes is left alone', async () => {
  const hub = await startHub({ 'a.bin': content })
  const place = placeFor(hub)
  const blobs = join(root(place), 'blobs')
  mkdirSync(blobs, { recursive: true })
  const { hostname } = await import('node:os')
  const host = hostname().replace(/[^A-Za-z0-9-]/g, '-')
  const left = (pid: number) => join(blobs, `${sha256(content)}.${host}.${pid}.0.incomplete`)
  writeFileSync(left(2 ** 22 + 5), content.subarray(0, 1000))
  writeFileSync(left(process.ppid), content.subarray(0, 2000))
  await place.get()
  expect(hub.seen.map(({ range }) => range)).toEqual(['bytes=1000-'])
  expect(readdirSync(blobs).sort()).toEqual([sha256(content), left(process.ppid).slice(blobs.length + 1)].sort())
})

test('a failure keeps what there is for the next try', async () => {
  const hub = await startHub({ 'a.bin': content })
  hub.misbehave = [breakAfter(100_000), ...Array.from({ length: 2 }, () => status(503))]
  const place = placeFor(hub)
  await expect(place.get({ maxAttempts: 2 })).rejects.toMatchObject({ code: 'HubError', status: 503 })
  expect(existsSync(join(root(place), 'refs'))).toBe(false)
  await place.get()
  expect(Number(hub.seen.at(-1)?.range?.slice(6, -1))).toBeGreaterThan(0)
})

test.each<[string, Hub['misbehave']]>([
  ['too many requests and a server in trouble', [status(429, { 'retry-after': '0' }), status(503)]],
  [
    'a range that begins elsewhere',
    [
      breakAfter(1000),
      (response, bytes) =>
        void response
          .writeHead(206, { 'content-range': `bytes 7-${bytes.length - 1}/${bytes.length}` })
          .end(bytes.subarray(7)),
    ],
  ],
  [
    'a range of a file of another size',
    [
      breakAfter(1000),
      (response, bytes, request) => {
        const begin = Number(request.headers.range?.slice(6, -1))
        response.writeHead(206, { 'content-range': `bytes ${begin}-9/10` }).end(bytes.subarray(begin))
      },
    ],
  ],
  [
    'the whole file where a range was asked for',
    [breakAfter(1000), (response, bytes) => void response.writeHead(200).end(bytes)],
  ],
  [
    'a range that holds other bytes',
    [
      breakAfter(1000),
      (response, bytes, request) => serve(response, Buffer.from(bytes.map((byte) => byte ^ 1)), request),
    ],
  ],
  ['a range that is said not to be there', [breakAfter(1000), status(416)]],
  ['more bytes than there are', [(response, bytes) => void response.writeHead(200).end(Buffer.concat([bytes, bytes]))]],
  ['fewer bytes than there are', [(response, bytes) => void response.writeHead(200).end(bytes.subarray(9))]],
  ['wrong content, once', [(response, bytes) => void response.writeHead(200).end(Buffer.alloc(bytes.length))]],
])('%s: the file is right in the end', async (_, misbehave) => {
  const hub = await startHub({ 'a.bin': content })
  hub.misbehave = misbehave
  const place = placeFor(hub)
  const { folder } = await place.get()
  expect(readFileSync(join(folder, 'a.bin')).equals(content)).toBe(true)
  expect(readdirSync(join(root(place), 'blobs'))).toEqual([sha256(content)])
})

test.each([true, false])('content that stays wrong is refused and not kept (large: %s)', async (large) => {
  const hub = await startHub({ 'a.bin': content }, { large })
  const wrong: Hub['misbehave'][number] = (response, bytes) =>
    void response.writeHead(200).end(Buffer.alloc(bytes.length))
  hub.misbehave = [wrong, wrong, wrong]
  const place = placeFor(hub)
  await expect(place.get()).rejects.toThrow(/expected a\.bin with the hash \w+, got content with the hash \w+, 2 times/)
  expect(readdirSync(join(root(place), 'blobs'))).toEqual([])
  expect(existsSync(join(root(place), 'snapshots'))).toBe(false)
})

test.each([true, false])('a blob that lost its content is fetched again (large: %s)', async (large) => {
  const hub = await startHub({ 'a.bin': content, 'b.bin': 'b' }, { large })
  const place = placeFor(hub)
  const { folder } = await place.get()
  const damaged = Buffer.from(content)
  damaged[1234] = (damaged[1234] as number) ^ 1
  writeFileSync(join(folder, 'a.bin'), damaged)
  const { files } = await place.get()
  expect(files.map(({ isNew }) => isNew)).toEqual([true, false])
  expect(readFileSync(join(folder, 'a.bin')).equals(content)).toBe(true)
})

test('a server that only ever breaks off is given up on', async () => {
  const hub = await startHub({ 'a.bin': content })
  const ignoring: Hub['misbehave'][number] = (response, bytes) => {
    response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 1000))
    setTimeout(() => response.destroy(), 20)
  }
  hub.misbehave = Array.from({ length: 50 }, () => ignoring)
  await expect(placeFor(hub).get({ maxAttempts: 3 })).rejects.toThrow(/expected a\.bin whole in 3 attempts/)
  expect(hub.seen.length).toBeLessThan(10)
})

test('a connection on which nothing comes counts as broken', async () => {
  const hub = await startHub({ 'a.bin': content })
  hub.misbehave = [() => {}, (response, bytes) => void response.writeHead(200).write(bytes.subarray(0, 10))]
  const { files } = await placeFor(hub).get({ idleMs: 300 })
  expect(files).toHaveLength(1)
})

test('the token goes to the hub and to no other host that it sends to', async () => {
  const heard: (string | undefined)[] = []
  const elsewhere = await listen((request, response) => {
    heard.push(request.headers.authorization)
    serve(response, content, request)
  })
  const hub = await startHub({ 'a.bin': content })
  hub.misbehave = [
    status(302, { location: '/datasets/org/set/resolve/x/a.bin' }),
    status(307, { location: `${elsewhere}/storage?signature=secret` }),
  ]
  const { folder } = await placeFor(hub, { HF_TOKEN: 'hf_secret' }).get()
  expect(readFileSync(join(folder, 'a.bin')).equals(content)).toBe(true)
  expect(hub.seen.map(({ authorization }) => authorization)).toEqual(['Bearer hf_secret', 'Bearer hf_secret'])
  expect(heard).toEqual([undefined])
})

test('neither token nor signed addresses are in any message', async () => {
  const hub = await startHub({ 'a.bin': content })
  const gone = await listen((_, response) => void response.writeHead(410).end())
  hub.misbehave = [status(302, { location: `${gone}/storage?signature=secret` })]
  const messageOf = (place: Place) =>
    place.get().then(
      () => 'none',
      (error: Error) => `${error.message} ${error.stack}`,
    )
  expect(await messageOf(placeFor(hub, { HF_TOKEN: 'secret' }))).toMatch(/^\[hub\] status 410 from http[^?]*\/storage /)
  for (const env of [
    { HF_TOKEN: 'very secret' },
    { HF_ENDPOINT: 'https://user:secret@hub' },
    { HF_ENDPOINT: 'ftp://secret' },
  ])
    expect(await messageOf(placeFor(hub, env))).toMatch(/^\[hub\] expected (?!.*secret)/s)
})

test('endless redirects end', async () => {
  const hub = await startHub({ 'a.bin': content })
  hub.misbehave = Array.from({ length: 20 }, () => status(302, { location: '/datasets/org/set/resolve/x/a.bin' }))
  await expect(placeFor(hub).get()).rejects.toThrow(/expected at most 5 redirects/)
})

test.each(['../x', '/etc/x', 'a/../../x', 'a//x', './x', 'a\\..\\x', '', 'a\u0000b', '..'])(
  'a file of the name %j is refused before anything is written',
  async (name) => {
    const hub = await startHub({ 'a.bin': content })
    hub.siblings.push({ ...hub.siblings[0], rfilename: name })
    const place = placeFor(hub)
    await expect(place.get()).rejects.toThrow(/expected names inside the folder of org\/set, got /)
    expect([hub.seen, readdirSync(place.cache)]).toEqual([[], []])
  },
)

test.each<[string, string[], RegExp]>([
  ['a name that comes twice', ['b', 'b'], /expected each file of org\/set once, got "b" twice/],
  ['a file where another has a folder', ['x/y', 'x/y-1', 'x/y/z/u'], /got "x\/y" and "x\/y\/z\/u"/],
  ['a part that is too long', [`x/${'ä'.repeat(128)}/y`], /expected names of at most 255 bytes a part in org\/set/],
])('%s is refused before anything is written', async (_, names, message) => {
  const hub = await startHub({ 'a.bin': content })
  hub.siblings.push(...names.map((rfilename) => ({ ...hub.siblings[0], rfilename })))
  const place = placeFor(hub)
  await expect(place.get()).rejects.toMatchObject({ code: 'HubError', message: expect.stringMatching(message) })
  expect([hub.seen, readdirSync(place.cache)]).toEqual([[], []])
})

test('parts of a name may have 255 bytes, and names may begin alike', async () => {
  const long = 'ä'.repeat(127)
  const hub = await startHub({ [`${long}/a`]: 'a', 'a/b': 'b', 'a-b': 'c', 'a/b.txt': 'd' })
  const { folder } = await placeFor(hub).get()
  expect(readFileSync(join(folder, long, 'a'), 'utf8')).toBe('a')
})

test.each<[string, object]>([
  ['a hash that is a path', { lfs: { sha256: '../../x', size: 1 } }],
  ['a hash that is none', { blobId: 'x' }],
  ['no size', { size: undefined }],
  ['a size below 0', { size: -1 }],
])('%s in the list of files is refused', async (_, change) => {
  const hub = await startHub({ 'a.bin': content })
  Object.assign(hub.siblings[0] as object, change)
  const place = placeFor(hub)
  await expect(place.get()).rejects.toMatchObject({
    code: 'FileFormatError',
    place: expect.stringMatching(/^siblings\.0\./),
  })
  expect(readdirSync(place.cache)).toEqual([])
})

test.each(['../up', 'a/b/c', '/root', '', 'a/..', '.', 'a/../b', 'a b/c'])('%j is no name', async (name) => {
  await expect(downloadFromHub(name, { env: { HF_HUB_CACHE: temporaryFolder() } })).rejects.toMatchObject({
    code: 'ArgumentError',
  })
})

test('a name that is not there says so, and what a token would do', async () => {
  const hub = await startHub({})
  hub.listStatus = [401, 404, 403]
  const place = placeFor(hub)
  await expect(place.get()).rejects.toThrow(
    /status 401 from [^:]+:[^:]+:\d+\/api\/datasets\/org\/set\/revision\/main: .*set HF_TOKEN/,
  )
  await expect(place.get()).rejects.toThrow(/status 404 .*: there is no such data set/)
  await expect(placeFor(hub, { HF_TOKEN: 'x' }).get()).rejects.toThrow(
    /status 403 .*the token in HF_TOKEN may not read it/,
  )
})

test('without a network it says what to do, and HF_HUB_OFFLINE takes what the cache has', async () => {
  const hub = await startHub({ 'a.bin': content })
  const place = placeFor(hub)
  const offline = { ...place.env, HF_HUB_OFFLINE: '1' }
  await expect(place.get({ env: offline })).rejects.toThrow(
    /HF_HUB_OFFLINE is set, got none; run `lengthen data download org\/set` on a machine that has one and copy its folder to /,
  )
  const unreachable = place.get({ env: { ...place.env, HF_ENDPOINT: 'http://127.0.0.1:9' }, maxAttempts: 2 })
  await expect(unreachable).rejects.toThrow(
    /in 2 attempts, got .*; without a network, run `lengthen data download org\/set`/,
  )
  const { folder } = await place.get()
  expect(await place.get({ env: offline })).toEqual({ folder, commit, files: [] })
})

test('only files that fit a pattern are fetched', async () => {
  const hub = await startHub({ 'main/train.parquet': 'a', 'main/notes.txt': 'b', 'other/train.parquet': 'c' })
  const { files } = await placeFor(hub).get({ include: ['main/*.parquet', '*.txt'] })
  expect(files.map(({ name }) => name)).toEqual(['main/train.parquet', 'main/notes.txt'])
  await expect(placeFor(hub).get({ include: ['*.csv'] })).rejects.toThrow(
    /expected files of org\/set that fit \*\.csv, got main/,
  )
})

test('many downloads at once into one cache are all right', async () => {
  const hub = await startHub({ 'a.bin': content, 'b.bin': randomBytes(1000), 'c.bin': content })
  hub.misbehave = [breakAfter(1000), breakAfter(200_000)]
  const place = placeFor(hub)
  const folders = await Promise.all(Array.from({ length: 6 }, () => place.get()))
  for (const { folder } of folders) {
    expect(readFileSync(join(folder, 'a.bin')).equals(content)).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['a.bin', 'b.bin', 'c.bin'])
  }
  expect(readdirSync(join(root(place), 'blobs'))).toHaveLength(2)
})

test('an interrupt stops it, and what was there stays for the next time', async () => {
  const hub = await startHub({ 'a.bin': content })
  hub.misbehave = [(response, bytes) => void response.writeHead(200).write(bytes.subarray(0, 100_000))]
  const place = placeFor(hub)
  const stop = new AbortController()
  const reason = new Error('stop')
  const onProgress = () => stop.abort(reason)
  await expect(place.get({ signal: stop.signal, onProgress })).rejects.toBe(reason)
  await place.get()
  expect(hub.seen[1]?.range).toMatch(/^bytes=[1-9]/)
})

test('models have folders of their own', async () => {
  const hub = await startHub({ 'config.json': '{}' })
  const place = placeFor(hub)
  const { folder } = await place.get({ type: 'model' })
  expect(folder).toBe(join(place.cache, 'models--org--set/snapshots', commit))
  expect(hub.seen[0]?.path).toBe(`/org/set/resolve/${commit}/config.json`)
})
