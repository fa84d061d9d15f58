import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { jsonLines } from './json-lines.js'
import { interrupted, lengthen } from './lengthen.js'

const cwd = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const write = (name: string, ...lines: readonly unknown[]) => {
  writeFileSync(join(cwd, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return name
}
const pairs = [
  { pred: '2/4', gold: '1/2', expected: true, source: 'a test' },
  { pred: 'so</think>\\boxed{5}', gold: ['4', 5], expected: false },
  { pred: 'it is \\boxed{7}', gold: '8', expected: true },
  { pred: 7, gold: '8', expected: false },
  { pred: '\\boxed{', gold: '8', expected: true },
  { pred: 'x+1', gold: '1+x' },
]
const file = write('pairs.jsonl', ...pairs)

test('the totals say how many verdicts are as expected, and which are not', async () => {
  const { status, stdout, stderr } = await lengthen(['grade', file], { cwd })
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^line 2: correct, not wrong: "so<\/think>\\\\boxed\{5\}" for \["4",5\]: /)
  expect(stdout).toMatch(/\nline 3: wrong, not correct: /)
  expect(stdout).toMatch(/\nline 5: unparsed, not correct: /)
  expect(stdout).toMatch(/\ncorrect +3\nwrong +2\nunparsed +1\nas expected +2 of 5, 40\.0%\n/)
  expect(stdout).toMatch(/\nfalse positives +1\nfalse negatives +2\n/)
  expect(stdout).toMatch(/ s, \S+ pairs\/s, mode exact\n$/)
})

test('with --json each line comes back with its verdict and why, and a summary after them', async () => {
  const { status, stdout } = await lengthen(['grade', file, '--json'], { cwd })
  const printed = jsonLines(stdout)
  expect(status).toBe(0)
  const verdicts = ['correct', 'correct', 'wrong', 'wrong', 'unparsed', 'correct']
  expect(printed.slice(0, -1)).toEqual(
    pairs.map((pair, i) => ({ ...pair, verdict: verdicts[i], why: expect.stringMatching(/./) })),
  )
  const totals = { correct: 3, wrong: 2, unparsed: 1, agreement: 2, falsePositives: 1, falseNegatives: 2 }
  const summary = { type: 'summary', file, mode: 'exact', numPairs: 6, numExpected: 5, ...totals }
  expect(printed.at(-1)).toMatchObject({ ...summary, seconds: expect.any(Number), pairsPerSecond: expect.any(Number) })
})

test('pairs come from stdin too, more than are graded at once, in their order', async () => {
  const input = Array.from({ length: 2500 }, (_, i) => `{"pred":"${i}","gold":"${i % 2 ? i : -1}"}\n`).join('')
  const { status, stdout } = await lengthen(['grade', '-', '--json', '--workers', '2'], { cwd, input })
  const printed = jsonLines(stdout)
  expect(status).toBe(0)
  expect(printed.slice(0, -1).map(({ pred, verdict }) => `${pred} ${verdict}`)).toEqual(
    Array.from({ length: 2500 }, (_, i) => `${i} ${i % 2 ? 'correct' : 'wrong'}`),
  )
  expect(printed.at(-1)).toMatchObject({ numPairs: 2500, correct: 1250, wrong: 1250, numExpected: 0 })
})

test('--pred says whether a box is looked for, and --mode whose rules', async () => {
  const verdictsOf = async (...args: string[]) => {
    const input = '{"pred":"50\\\\%","gold":"50"}\n{"pred":"\\\\boxed{5}","gold":"5"}\n'
    const { stdout } = await lengthen(['grade', '-', '--json', ...args], { cwd, input })
    return jsonLines(stdout).flatMap(({ verdict }) => verdict ?? [])
  }
  expect(await verdictsOf()).toEqual(['wrong', 'correct'])
  expect(await verdictsOf('--pred', 'output')).toEqual(['unparsed', 'unparsed'])
  expect(await verdictsOf('--mode', 'deepscaler')).toEqual(['correct', 'correct'])
})

test.each<[string, string, RegExp]>([
  ['is not JSON', '{"pred":', /^lengthen: stdin, line 2: not JSON/],
  ['is no pair', '[]', /^lengthen: stdin, line 2: /],
  ['has no gold', '{"pred":"1"}', /^lengthen: stdin, line 2: gold: expected text, a number or a list of them/],
  ['has no answer', '{"gold":"1"}', /^lengthen: stdin, line 2: pred: expected text or a number/],
  [
    'expects neither',
    '{"pred":"1","gold":"1","expected":1}',
    /^lengthen: stdin, line 2: expected: expected true or false/,
  ],
])('a line that %s is named, and the lines before it are graded', async (_, line, message) => {
  const input = `{"pred":"1","gold":"1"}\n${line}\n`
  const { status, stdout, stderr } = await lengthen(['grade', '-', '--json'], { cwd, input })
  expect(status).toBe(1)
  expect(stderr).toMatch(message)
  expect(jsonLines(stdout)).toMatchObject([
    { pred: '1', verdict: 'correct' },
    { type: 'error', code: 'FileFormatError' },
  ])
})

test.each<[string, string[], RegExp]>([
  ['a file that is not there', ['no.jsonl'], /^lengthen: no\.jsonl: cannot be read: ENOENT/],
  [
    'a mode that is not known',
    [file, '--mode', 'fuzzy'],
    /^lengthen: option '--mode <mode>' argument 'fuzzy' is invalid/,
  ],
  ['no workers', [file, '--workers', '0'], /Expected a whole number of at least 1/],
])('%s is wrong usage', async (_, args, message) => {
  const { status, stderr } = await lengthen(['grade', ...args], { cwd })
  expect(status).toBe(2)
  expect(stderr).toMatch(message)
})

test('an empty file has no pairs', async () => {
  const { status, stdout } = await lengthen(['grade', write('empty.jsonl'), '--json'], { cwd })
  expect(status).toBe(0)
  expect(jsonLines(stdout)).toMatchObject([{ type: 'summary', numPairs: 0, pairsPerSecond: 0 }])
})

test('an interrupt ends it with what was done', async () => {
  const many = 'many.jsonl'
  writeFileSync(join(cwd, many), Array.from({ length: 200_000 }, (_, i) => `{"pred":"x^${i}","gold":"x"}\n`).join(''))
  const when = (stdout: string) => stdout !== ''
  const { status, stdout, tookMs } = await interrupted(['grade', many, '--json'], { cwd, when })
  expect(status).toBe(1)
  expect(tookMs).toBeLessThan(2000)
  expect(jsonLines(stdout).at(-1)).toMatchObject({ code: 'InterruptedError', numDone: expect.any(Number) })
})
