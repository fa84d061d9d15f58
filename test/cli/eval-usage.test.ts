import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addEvalCommand } from '../../lib/cli/eval.js'
import { exitStatus } from '../../lib/cli/failure.js'
import { messageOf } from '../../lib/errors.js'
import { writeTinyFolder } from './tiny-folder.js'

const before = process.cwd()
const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
beforeAll(async () => {
  await writeTinyFolder(folder, { maxPositions: 100 })
  process.chdir(folder)
})
afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

test.each<[string, string[], RegExp]>([
  ['nothing at all', [], /^expected a model and at least one data set, or a recipe$/],
  ['a server without a name', ['--server', 'http://localhost', 'x.jsonl'], /^expected --server and --model together/],
  [
    'the same set twice',
    ['model', 'problems.jsonl', 'problems.jsonl'],
    /^expected sets of different names, got problems twice/,
  ],
  ['--set without a recipe', ['model', 'problems.jsonl', '--set', 'seed=1'], /^--set seed=1: expected a recipe/],
  [
    'a flag that a recipe has a key for',
    ['no.yaml', '--samples', '3'],
    /^no\.yaml: a recipe says it all; change it with --set, not --samples$/,
  ],
  ['a recipe that is not there', ['no.yaml'], /^no\.yaml: cannot be read: ENOENT/],
  ['a mistyped key', ['bad.yaml'], /^bad\.yaml:4:1: unknown key "sample"/],
  [
    'a recipe whose data is not there',
    ['lost.yaml'],
    /^lost\.yaml:3:17: expected a file or folder for data\.sets\.a, found none at /,
  ],
  [
    'a file where results are to be',
    ['model', 'problems.jsonl', '--out', 'problems.jsonl'],
    /^--out problems\.jsonl: expected a folder, got a file$/,
  ],
  [
    'an address with a password',
    ['--server', 'http://a:b@c', '--model', 'm', 'problems.jsonl'],
    /^\[server\] expected an http or https address/,
  ],
])('%s is wrong usage', async (_, args, message) => {
  const good = 'name: r\nmodel: { path: model }\ndata: { sets: { a: a.jsonl } }\n'
  writeFileSync(join(folder, 'bad.yaml'), `${good}sample: 3\n`)
  writeFileSync(join(folder, 'lost.yaml'), `${good}samplesPerProblem: 1\nmaxResponseTokens: 9\ntemperature: 1\n`)
  const program = new Command('lengthen').exitOverride()
  addEvalCommand(program)
  const asked = program.parseAsync(['eval', ...args], { from: 'user' })
  const error: unknown = await asked.catch((error: unknown) => error)
  expect(messageOf(error)).toMatch(message)
  expect(exitStatus(error)).toBe(2)
})
