import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { breakAfter, commit, startHub } from '../data/hub/hub-server.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { lengthen, start } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const content = randomBytes(200_000)
const environment = (url: string, cache: string) => ({ HF_ENDPOINT: url, HF_HUB_CACHE: cache, HF_TOKEN: 'hf_secret' })

test('two processes download one data set at once, and its test split is evaluated by name', async () => {
  const cwd = temporaryFolder()
  const train = '{"question":" 1:1+1","worked":"#### 12"}\n'
  const hub = await startHub({ 'train.jsonl': train.repeat(3), 'test.jsonl': train.repeat(2), 'a.bin': content })
  hub.misbehave = [breakAfter(10), breakAfter(10_000)]
  const env = environment(hub.url, join(cwd, 'cache'))
  const download = () => lengthen(['data', 'download', 'org/set', '--json'], { cwd, env })
  const [one, two] = await Promise.all([download(), download()])
  expect([one.status, one.stderr, two.status, two.stderr]).toEqual([0, '', 0, ''])
  const { folder, ...told } = JSON.parse(one.stdout)
  expect(told).toMatchObject({ type: 'summary', name: 'org/set', kind: 'dataset', commit })
  expect(readFileSync(join(folder, 'a.bin')).equals(content)).toBe(true)
  expect(readdirSync(join(cwd, 'cache/datasets--org--set/blobs'))).toHaveLength(3)
  const again = await lengthen(['data', 'download', 'org/set'], { cwd, env })
  expect(again.stdout).toBe(`commit ${commit}: 3 files, 195.5 KiB, 0 of them new\n${folder}\n`)

  await writeTinyFolder(cwd)
  const reading = ['--split', 'test', '--columns', 'problem=question,answer=worked', '--answer-after', '####']
  const evaluated = await lengthen(['eval', 'model', 'set=org/set', ...reading, '--max-tokens', '5', '--json'], {
    cwd,
    env,
  })
  expect([evaluated.status, evaluated.stderr]).toEqual([0, ''])
  expect(JSON.parse(evaluated.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ numProblems: 2 })
})

test('an interrupt ends a download soon, with 1, and says that it can be gone on with', async () => {
  const cwd = temporaryFolder()
  const hub = await startHub({ 'a.bin': content })
  hub.misbehave = [(response, bytes) => void response.writeHead(200).write(bytes.subarray(0, 1000))]
  const env = environment(hub.url, join(cwd, 'cache'))
  const running = start(['data', 'download', 'org/set'], { cwd, env })
  await vi.waitUntil(() => hub.seen.length > 0, { timeout: 30_000 })
  const sentAt = performance.now()
  running.interrupt()
  const { status, stderr } = await running.ended
  expect(stderr).toBe(
    'lengthen: interrupted by SIGINT; what was downloaded so far is kept, and the same command goes on from there\n',
  )
  expect(status).toBe(1)
  expect(performance.now() - sentAt).toBeLessThan(2000)
})

test.each<[string, string[], number, RegExp]>([
  ['no name', [], 2, /^lengthen: missing required argument 'name'\n$/],
  ['a name that is none', ['../x'], 2, /^lengthen: expected org\/name, got "\.\.\/x"\n$/],
  [
    'a revision that is none',
    ['org/set', '--revision', '../x'],
    2,
    /^lengthen: expected a branch, a tag or a commit for --revision, got "\.\.\/x"\n$/,
  ],
  [
    'a type that is none',
    ['org/set', '--type', 'space'],
    2,
    /^lengthen: option '--type <type>' argument 'space' is invalid/,
  ],
  [
    'no network by choice',
    ['org/set'],
    1,
    /^lengthen: \[hub\] expected main of org\/set in the cache, since HF_HUB_OFFLINE is set, got none; run `/,
  ],
])('%s is one clear message', async (_, args, expected, message) => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'cache'))
  const env = { HF_HUB_CACHE: join(cwd, 'cache'), HF_HUB_OFFLINE: '1' }
  const { status, stdout, stderr } = await lengthen(['data', 'download', ...args], { cwd, env })
  expect(stderr).toMatch(message)
  expect([status, stdout]).toEqual([expected, ''])
  expect(readdirSync(join(cwd, 'cache'))).toEqual([])
})

test('data --help lists what there is, with 0', async () => {
  const { status, stdout } = await lengthen(['data', '--help'], { cwd: temporaryFolder() })
  expect(status).toBe(0)
  expect(stdout).toMatch(/^ {2}download /m)
})
