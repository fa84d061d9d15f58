import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { interrupted, lengthen } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const cwd = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
beforeAll(async () => {
  await writeTinyFolder(cwd, { maxPositions: 4000 })
  const many = Array.from({ length: 60 }, (_, id) => `{"id":${id},"problem":" 1:1+1","answer":"12"}\n`)
  writeFileSync(join(cwd, 'many.jsonl'), many.join(''))
})

const rate = (...args: string[]) => lengthen(['data', 'difficulty', 'model', ...args], { cwd })
const records = (name: string) =>
  readFileSync(join(cwd, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('every row is written with its pass rate, and the samples beside them', async () => {
  const args = ['problems.jsonl', '--samples', '4', '--max-tokens', '40', '--out', 'new/rated.jsonl', '--json']
  const { status, stdout, stderr } = await rate(...args)
  expect([status, stderr]).toEqual([0, ''])
  const rows = records('new/rated.jsonl')
  expect(rows.map(({ passRate: _, numSamples: __, ...row }) => row)).toEqual(records('problems.jsonl'))
  expect(rows.every(({ passRate, numSamples }) => numSamples === 4 && passRate >= 0 && passRate <= 1)).toBe(true)
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events).toHaveLength(7)
  expect(events.at(-1)).toMatchObject({ type: 'summary', dataset: 'problems.jsonl', numProblems: 6 })
  expect(records('new/rated.jsonl.samples/results.jsonl')).toHaveLength(7)
  const again = await rate(...args)
  expect(again.stdout.split('\n')).toHaveLength(2) // no problem is asked again
  expect(records('new/rated.jsonl')).toEqual(rows)
})

test('a call that was interrupted goes on where it stopped, and ends with the same bytes', async () => {
  const args = ['data', 'difficulty', 'model', 'many.jsonl', '--samples', '8', '--max-tokens', '200', '--json']
  const when = (stdout: string) => stdout.split('\n').length > 5
  const broken = await interrupted([...args, '--out', 'broken.jsonl'], { cwd, when })
  expect([broken.status, broken.stderr]).toEqual([1, expect.stringMatching(/interrupted by SIGINT after \d+ of 60/)])
  expect(existsSync(join(cwd, 'broken.jsonl'))).toBe(false)
  const resumed = await lengthen([...args, '--out', 'broken.jsonl'], { cwd })
  const whole = await lengthen([...args, '--out', 'whole.jsonl'], { cwd })
  expect([resumed.status, whole.status]).toEqual([0, 0])
  expect(resumed.stdout.split('\n').length).toBeLessThan(whole.stdout.split('\n').length)
  expect(records('broken.jsonl')).toEqual(records('whole.jsonl'))
})

test('samples of another tokenizer are not gone on with, nor are those of a model that was only moved refused', async () => {
  const args = ['problems.jsonl', '--samples', '2', '--max-tokens', '10', '--out', 'moved.jsonl', '--json']
  cpSync(join(cwd, 'model'), join(cwd, 'other/model'), { recursive: true })
  const at = (model: string) => lengthen(['data', 'difficulty', model, ...args], { cwd })
  expect((await at('model')).status).toBe(0)
  const moved = await at('other/model')
  expect([moved.status, moved.stdout.split('\n').length]).toEqual([0, 2])
  const config = join(cwd, 'other/model/tokenizer_config.json')
  const settings = existsSync(config) ? JSON.parse(readFileSync(config, 'utf8')) : {}
  writeFileSync(config, JSON.stringify({ ...settings, comment: 'another' }))
  const changed = await at('other/model')
  expect([changed.status, changed.stderr]).toEqual([
    1,
    expect.stringMatching(/has another: model \{"name":"model","sha256":"\w{64}"\} there, .* asked for/),
  ])
})

test('people get a table of bands', async () => {
  const { status, stdout } = await rate('problems.jsonl', '--samples', '2', '--max-tokens', '20', '--out', 'a.jsonl')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^pass rate +problems +share\n[─ ]+\nnone right +\d+ +\d+\.\d%\n/)
  expect(stdout).toMatch(/\nmean pass rate \d+\.\d% of 2 samples each; \d:\d\d\nwritten to a\.jsonl\n$/)
})

test.each<[string, string[], number, RegExp]>([
  [
    'the data set as output',
    ['problems.jsonl', '--out', './problems.jsonl'],
    2,
    /expected another file than the data set/,
  ],
  [
    'more samples than random streams',
    ['problems.jsonl', '--samples', '4097', '--out', 'b.jsonl'],
    2,
    /from 1 to 4096/,
  ],
  ['a split of a file', ['problems.jsonl', '--out', 'b', '--split', 'x'], 2, /--split: .* a file has no parts/],
  ['an output in the data set', ['set', '--out', 'set/b.jsonl'], 2, /--out set\/b\.jsonl: expected a file outside/],
  ['data that is not there', ['none.jsonl', '--out', 'b.jsonl'], 2, /none\.jsonl: cannot be read/],
  ['no output', ['problems.jsonl'], 2, /required option '--out <file>' not specified/],
  [
    'other settings than the samples beside it',
    ['problems.jsonl', '--samples', '5', '--out', 'a.jsonl'],
    1,
    /samplesPerProblem 2 there, 5 asked for/,
  ],
  ['a model that is not there', ['problems.jsonl', '--out', 'b.jsonl'], 2, /none: cannot be read/],
])('%s is one clear message', async (name, args, expected, message) => {
  const model = name.startsWith('a model') ? 'none' : 'model'
  const { status, stdout, stderr } = await lengthen(['data', 'difficulty', model, ...args], { cwd })
  expect(stderr).toMatch(message)
  expect([status, stdout]).toEqual([expected, ''])
})
