import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { meanPassAtK, summarize } from '../../lib/eval/statistics.js'
import { interrupted, lengthen } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const cwd = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
beforeAll(async () => {
  await writeTinyFolder(cwd, { maxPositions: 10_000 })
  writeFileSync(join(cwd, 'lacking.jsonl'), '{"id":"a","problem":" 1:1+1"}\n')
  const ids = Array.from({ length: 200 }, (_, id) => `{"id":${id},"problem":" 1:1+1","answer":"12"}\n`)
  writeFileSync(join(cwd, 'many.jsonl'), ids.join(''))
})

const evaluate = (...args: string[]) => lengthen(['eval', 'model', ...args], { cwd })

test('--json prints an object a problem and a summary that follows from them', async () => {
  const args = ['problems.jsonl', '--samples', '3', '--max-tokens', '50', '--json']
  const { status, stdout, stderr } = await evaluate(...args)
  expect([status, stderr]).toEqual([0, ''])
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const rows = readFileSync(join(cwd, 'problems.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const problems = events.slice(0, -1)
  expect(problems.map(({ type, id, expected }) => ({ type, id, expected }))).toEqual(
    rows.map(({ id, answer }) => ({ type: 'problem', id, expected: answer })),
  )
  const answers = problems.map((event) => event.answers)
  const passAtK = [1, 2, 3].map((k) => meanPassAtK(answers, k))
  expect(events.at(-1)).toMatchObject({
    ...{ type: 'summary', model: 'model', dataset: 'problems.jsonl', numProblems: 6, numSamples: 18, passAtK },
    ...summarize(answers),
  })
  const first = await evaluate(...args, '--limit', '1')
  expect(first.stdout.split('\n')[0]).toBe(stdout.split('\n')[0])
  expect(JSON.parse(first.stdout.split('\n')[1] ?? '')).toMatchObject({ numProblems: 1, standardError: null })
})

test('people get a table, and nothing else where there is no terminal', async () => {
  const { status, stdout, stderr } = await evaluate('problems.jsonl', '--samples', '3', '--max-tokens', '50')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(
    new RegExp(
      [
        '^model +problems\\.jsonl\n[─ ]+\npass@1, % +\\d+\\.\\d ± \\d+\\.\\d\n95% interval +\\d+\\.\\d to \\d+\\.\\d\npass@2, % +\\d+\\.\\d\n',
        'pass@3, % +\\d+\\.\\d\nmajority@3, % +\\d+\\.\\d\nmean tokens +\\d+\\.\\d\ntruncated +\\d+\\.\\d%\nunparsed +\\d+\\.\\d%\n\n',
        '6 problems, 3 samples each, at most 50 tokens, temperature 1; \\d:\\d\\d, [^\\n]+ tokens/s\n$',
      ].join(''),
    ),
  )
})

test('an interrupt ends it soon, with 1, and says how far it came', async () => {
  const args = ['eval', 'model', 'many.jsonl', '--samples', '16', '--max-tokens', '5000', '--json']
  const { status, stderr, tookMs } = await interrupted(args, { cwd })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^lengthen: interrupted by SIGINT after \d+ of 200 problems\n$/)
  expect(tookMs).toBeLessThan(2000)
})

test.each<[string, string[], number, RegExp]>([
  ['a data set that is not there', ['no.jsonl'], 2, /^lengthen: no\.jsonl: cannot be read: ENOENT[^\n]*\n$/],
  [
    'a row without an answer',
    ['lacking.jsonl'],
    1,
    /^lengthen: lacking\.jsonl, line 1, row "a": expected an answer, got none\n$/,
  ],
  [
    'a field that the rows lack',
    ['problems.jsonl', '--prompt', '{question}'],
    1,
    /^lengthen: \[prompt\] expected text or a number in the field "question" of row "[^"]+", got nothing\n$/,
  ],
  [
    'more samples than random streams',
    ['problems.jsonl', '--samples', '5000'],
    2,
    /Expected a whole number from 1 to 4096\.\n$/,
  ],
  [
    'no samples',
    ['problems.jsonl', '--samples', '0'],
    2,
    /^lengthen: option '--samples <k>' argument '0' is invalid\. /,
  ],
])('%s is one clear message', async (_, args, expected, message) => {
  const { status, stdout, stderr } = await evaluate(...args)
  expect(stderr).toMatch(message)
  expect([status, stdout]).toEqual([expected, ''])
})
