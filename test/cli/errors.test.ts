// What went wrong, as --json tells it, and exit statuses.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './json-lines.js'
import { interrupted, lengthen } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const cwd = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
beforeAll(async () => {
  await writeTinyFolder(cwd, { maxPositions: 64 })
  mkdirSync(join(cwd, 'folder'))
  const rows = [{ problem: ' 1:1+1' }, { id: 'long', problem: ' 1:1+1'.repeat(15) }, { problem: ' 1:1+1'.repeat(22) }]
  const lines = rows.map((row) => `${JSON.stringify({ ...row, answer: '12' })}\n`)
  writeFileSync(join(cwd, 'long.jsonl'), lines.slice(0, 2).join('\n'))
  writeFileSync(join(cwd, 'longer.jsonl'), lines.slice(2).join(''))
  writeFileSync(join(cwd, 'one.jsonl'), lines.slice(0, 1).join(''))
  writeFileSync(join(cwd, 'wrong.yaml'), 'name: wrong\nsede: 3\n')
})

const problem = ' 3:4+1'

test.each<[string, string[], number, object]>([
  ['a recipe that is not there', ['train', 'no.yaml'], 2, { code: 'RecipeError', file: 'no.yaml' }],
  ['a recipe’s unknown key', ['train', 'wrong.yaml'], 2, { code: 'RecipeError', file: 'wrong.yaml', line: 2 }],
  ['a data set that is not there', ['eval', 'model', 'no.jsonl'], 2, { code: 'UsageError' }],
  ['a model that is not there', ['generate', 'no', problem], 2, { code: 'UsageError' }],
  ['a letter outside the vocabulary', ['generate', 'model', 'hello'], 1, { code: 'TokenizerError' }],
  ['an unknown option', ['generate', 'model', '--nosuch'], 2, { message: "unknown option '--nosuch'" }],
])('%s is an object on stdout with --json, and words on stderr', async (_, args, expected, event) => {
  const { status, stdout, stderr } = await lengthen([...args, '--json'], { cwd })
  const [error, ...others] = jsonLines(stdout)
  expect([status, others]).toEqual([expected, []])
  expect(error).toMatchObject({ type: 'error', ...event })
  expect(stderr).toContain(String(error?.message))
})

const short = ['--set', 'schedule.stages=[{ maxResponseTokens: 40, until: { steps: 1 } }]']

test('an interrupt says so, and the step that was saved', async () => {
  const args = [
    'train',
    'run.yaml',
    '--set',
    'evaluation.samplesPerProblem=5000',
    ...short,
    '--out',
    'stopped',
    '--json',
  ]
  const { status, stdout } = await interrupted(args, { cwd, when: (text) => text.includes('"type":"start"') })
  expect(status).toBe(1)
  expect(jsonLines(stdout).at(-1)).toEqual({
    ...{ type: 'error', code: 'InterruptedError', message: expect.stringMatching(/^interrupted by SIGINT; /) },
    ...{ interrupted: true, run: 'stopped', step: null },
  })
})

test.each<[string, string[], number, RegExp]>([
  [
    'an empty prompt',
    ['generate', 'model', ''],
    2,
    /^lengthen: expected a prompt, as an argument or from a pipe, got none\n$/,
  ],
  [
    'an answer that leaves too few positions',
    ['generate', 'model', problem, '--max-tokens', '62'],
    2,
    /^lengthen: expected at most 2 tokens before the answer, got 4: the model has 64 positions, of which --max-tokens 62 are for the answer\n$/,
  ],
  [
    'an empty folder as data set',
    ['eval', 'model', 'folder'],
    2,
    /^lengthen: folder: expected files of data \(.*\), got none\n$/,
  ],
  [
    'answers that leave a row too few positions',
    ['eval', 'model', 'long.jsonl', '--max-tokens', '30'],
    2,
    /^lengthen: long\.jsonl, line 3, row "long": expected a prompt of at most 34 tokens, got 46: the model has 64 positions, of which --max-tokens 30 are for the answer\n$/,
  ],
  [
    'a row that is too long',
    ['eval', 'model', 'long.jsonl'],
    1,
    /^lengthen: long\.jsonl, line 3, row "long": expected a prompt of at most 32 tokens, got 46: the model has 64 positions, of which 32 are for the answer\n$/,
  ],
  [
    'a row that no answer would leave room for',
    ['eval', 'model', 'longer.jsonl', '--max-tokens', '5'],
    1,
    /^lengthen: longer\.jsonl, line 1: expected a prompt of at most 59 tokens, got 67: /,
  ],
])('%s is one clear message', async (_, args, expected, message) => {
  const { status, stdout, stderr } = await lengthen(args, { cwd })
  expect(stderr).toMatch(message)
  expect([status, stdout]).toEqual([expected, ''])
})

test('one is counted as one', async () => {
  const { status, stdout } = await lengthen(['eval', 'model', 'one.jsonl', '--max-tokens', '1'], { cwd })
  expect(status).toBe(0)
  expect(stdout).toMatch(/\n1 problem, 1 sample each, at most 1 token, temperature 1; /)
})
