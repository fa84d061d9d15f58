import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../helpers/source-files.js'
import { interrupted, lengthen } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const cwd = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
beforeAll(() => writeTinyFolder(cwd, { maxPositions: 200_000 }))

const problem = ' 3:4+1'
const generate = (...args: string[]) => lengthen(['generate', 'model', ...args], { cwd })

test('an answer is text on stdout, the same from an argument and from a pipe', async () => {
  const args = ['--max-tokens', '30', '--seed', '5']
  const given = await generate(problem, ...args)
  expect(given.status).toBe(0)
  expect(given.stdout).toMatch(/^.+\n$/)
  expect(given.stdout).not.toContain('<|end|>')
  const piped = await lengthen(['generate', 'model', ...args], { cwd, input: `${problem}\n` })
  expect(piped).toEqual(given)
  expect((await generate(problem, '--max-tokens', '30', '--seed', '6')).stdout).not.toBe(given.stdout)
})

test('several answers come one after another with titles, and as JSON with a summary at the end', async () => {
  const args = [problem, '--num-answers', '3', '--max-tokens', '25']
  const { status, stdout, stderr } = await generate(...args, '--json')
  expect([status, stderr]).toEqual([0, ''])
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map(({ type, index }) => [type, index])).toEqual([
    ['answer', 0],
    ['answer', 1],
    ['answer', 2],
    ['summary', undefined],
  ])
  const answers = events.slice(0, 3) as { text: string; numTokens: number; finishReason: string }[]
  for (const { numTokens, finishReason } of answers) expect(finishReason === 'length').toBe(numTokens === 25)
  const numTokens = answers.reduce((sum, answer) => sum + answer.numTokens, 0)
  expect(events[3]).toMatchObject({ model: 'model', numPromptTokens: 4, numAnswers: 3, numTokens })
  const text = await generate(...args)
  expect(text.stdout).toBe(`${answers.map((answer, i) => `answer ${i + 1} of 3:\n${answer.text}`).join('\n\n')}\n`)
  expect(text.stderr).toMatch(/^lengthen: \d of 3 answers were cut at 25 tokens\n$/)
})

test('--raw leaves the chat template out, and the likeliest tokens do not depend on the seed', async () => {
  const greedy = ['--temperature', '0', '--max-tokens', '5']
  const template = await generate(problem, ...greedy)
  expect(await generate(`${problem}<think>`, '--raw', ...greedy, '--seed', '3')).toEqual(template)
})

// The likeliest tokens of this model go round for ever.
const endless = ['generate', 'model', problem, '--temperature', '0', '--max-tokens', '150000']

test('text comes before the answer is finished, and an interrupt ends it soon, with 1 and a message', async () => {
  const { status, stderr, tookMs } = await interrupted(endless, { cwd })
  expect([status, stderr]).toEqual([1, 'lengthen: interrupted by SIGINT\n'])
  expect(tookMs).toBeLessThan(2000)
})

test('a closed pipe ends it quietly', async () => {
  const command = [process.execPath, join(root, 'dist/cli/main.js'), ...endless].map((word) => `'${word}'`).join(' ')
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) =>
    execFile('sh', ['-c', `${command} | head -c 10`], { cwd }, (_, stdout, stderr) => resolve({ stdout, stderr })),
  )
  expect([stdout.length, stderr]).toEqual([10, ''])
})

test.each<[string, string[], number, RegExp]>([
  ['no prompt', ['model'], 2, /^lengthen: expected a prompt, as an argument or from a pipe, got none\n$/],
  ['no such folder', ['no', 'x'], 2, /^lengthen: no: cannot be read: ENOENT[^\n]*'no\/config\.json'\n$/],
  ['a letter outside the vocabulary', ['model', 'hello'], 1, /^lengthen: \[tokenizer\] [^\n]*"hello<think>"\n$/],
  [
    'no room for the prompt',
    ['model', problem, '--max-tokens', '200000'],
    2,
    /^lengthen: --max-tokens 200000: expected fewer than the model's 200000 positions/,
  ],
  [
    'an impossible share',
    ['model', problem, '--top-p', '2'],
    2,
    /^lengthen: option '--top-p <p>' argument '2' is invalid\. Expected a number above 0, at most 1\.\n$/,
  ],
])('%s is one clear message', async (_, args, expected, message) => {
  const { status, stdout, stderr } = await lengthen(['generate', ...args], { cwd })
  expect(stderr).toMatch(message)
  expect([status, stdout]).toEqual([expected, ''])
})
