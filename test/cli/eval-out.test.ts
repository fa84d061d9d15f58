import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProblemRecord } from '../../lib/eval/result-record.js'
import { startServer } from '../eval/openai-process.js'
import { root } from '../helpers/source-files.js'
import { lengthen } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const cwd = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
beforeAll(async () => {
  await writeTinyFolder(cwd, { maxPositions: 10_000 })
  const rows = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({ id: `q${i}`, problem: ` ${1 + (i % 3)}:${i % 10}+1`, answer: '12' }),
  )
  writeFileSync(join(cwd, 'many.jsonl'), rows.join('\n'))
  const asked = Array.from({ length: 12 }, (_, i) => JSON.stringify({ id: `q${i}`, problem: `number ${i}`, answer: i }))
  writeFileSync(join(cwd, 'numbers.jsonl'), asked.join('\n'))
})

const read = (...path: string[]) => readFileSync(join(cwd, ...path), 'utf8')
const recordsIn = (out: string) =>
  read(out, 'results.jsonl')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as ProblemRecord)

/** SIGKILL once a few problems are answered. */
async function killed(args: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { cwd })
  let stdout = ''
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece
    if (stdout.split('\n').length > 4) child.kill('SIGKILL')
  })
  await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
}

const sampling = ['--samples', '4', '--max-tokens', '400', '--no-thinking']
const short = ['--samples', '4', '--max-tokens', '40', '--no-thinking']
const twoSets = ['eval', 'model', 'problems.jsonl', 'more=many.jsonl', ...sampling]

describe('a folder of results', () => {
  test('has every sample, a summary and a report, the same bytes whatever the batch', async () => {
    const { status, stdout, stderr } = await lengthen([...twoSets, '--out', 'a', '--json'], { cwd })
    expect([status, stderr]).toEqual([0, ''])
    expect(readdirSync(join(cwd, 'a')).sort()).toEqual(['report.md', 'results.jsonl', 'summary.json'])
    const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    expect(summary).toMatchObject({ type: 'summary', numProblems: 46, numSamples: 184, numFailed: 0, out: 'a' })
    expect(
      summary.sets.map(({ name, numProblems }: { name: string; numProblems: number }) => [name, numProblems]),
    ).toEqual([
      ['problems', 6],
      ['more', 40],
    ])
    expect(recordsIn('a').every(({ answers }) => answers.length === 4)).toBe(true)
    expect(read('a', 'report.md')).toContain('|  | problems | more | mean of sets |')
    const other = await lengthen([...twoSets, '--out', 'b', '--batch', '3'], { cwd })
    expect([other.status, other.stderr]).toEqual([0, ''])
    expect(read('b', 'results.jsonl')).toBe(read('a', 'results.jsonl'))
    expect(other.stdout).toContain('every sample and the report are in b')
    // With nothing left to answer, the same command says the same again.
    const again = await lengthen([...twoSets, '--out', 'a', '--json'], { cwd })
    expect([again.status, again.stdout.trimEnd().split('\n').length]).toEqual([0, 1])
    expect(JSON.parse(again.stdout)).toMatchObject({ passAt1: summary.passAt1, numAnswered: 0 })
  })

  test('is gone on with after a kill, and ends as the same bytes', async () => {
    const args = [
      'eval',
      'model',
      'many.jsonl',
      '--samples',
      '8',
      '--max-tokens',
      '400',
      '--no-thinking',
      '--batch',
      '8',
      '--json',
    ]
    const whole = await lengthen([...args, '--out', 'whole'], { cwd })
    expect([whole.status, whole.stderr]).toEqual([0, ''])
    await killed([...args, '--out', 'parts'])
    expect(existsSync(join(cwd, 'parts/results.jsonl'))).toBe(false)
    const rest = await lengthen([...args, '--out', 'parts'], { cwd })
    expect([rest.status, rest.stderr]).toEqual([0, ''])
    const numLines = rest.stdout.trimEnd().split('\n').length
    expect(numLines).toBeGreaterThan(1)
    expect(numLines).toBeLessThan(40)
    expect(read('parts', 'results.jsonl')).toBe(read('whole', 'results.jsonl'))
    expect(read('parts', 'summary.json')).toBe(read('whole', 'summary.json'))
  })

  test('of another evaluation is refused with 2, by what differs', async () => {
    const args = (model: string) => ['eval', model, 'problems.jsonl', '--max-tokens', '10', '--out', 'c', '--json']
    expect((await lengthen(args('model'), { cwd })).status).toBe(0)
    // The same model is the same by another path.
    const again = await lengthen(args(join(cwd, 'model/')), { cwd })
    expect([again.status, again.stderr]).toEqual([0, ''])
    expect(JSON.parse(again.stdout)).toMatchObject({ model: 'model', numAnswered: 0 })
    const { status, stderr } = await lengthen([...args('model'), '--seed', '3'], { cwd })
    expect([status, stderr]).toEqual([
      2,
      'lengthen: [evaluation] expected a new folder or one of the same evaluation for out, got c, which has another: seed 0 there, 3 asked for\n',
    ])
  })
})

describe('lengthen compare', () => {
  test('pairs two results by problem', async () => {
    const runs = [['x', '1'] as const, ['y', '2'] as const].map(([out, temperature]) =>
      lengthen(['eval', 'model', 'many.jsonl', ...short, '--temperature', temperature, '--out', out], { cwd }),
    )
    expect((await Promise.all(runs)).map(({ status }) => status)).toEqual([0, 0])
    const { status, stdout, stderr } = await lengthen(['compare', 'x', 'y/results.jsonl', '--json'], { cwd })
    expect([status, stderr]).toEqual([0, ''])
    const rates = ['x', 'y'].map((out) => recordsIn(out).reduce((sum, { numCorrect }) => sum + numCorrect / 4, 0) / 40)
    const event = JSON.parse(stdout)
    expect(event).toMatchObject({ type: 'comparison', sets: [{ name: 'many' }], numUnpaired: [0, 0] })
    expect(event.all.difference).toBeCloseTo((rates[1] as number) - (rates[0] as number), 12)
    expect(event.differing).toEqual([{ key: 'temperature', first: '1', second: '2' }])
    const text = await lengthen(['compare', 'x', 'x'], { cwd })
    expect(text.stdout).toMatch(/\nmany +40 +\d+\.\d +\d+\.\d +0\.0 ± 0\.0 +0\.0 to 0\.0 +1\.0000\n$/)
  })

  test('of what is no result is one message that names the file', async () => {
    const { status, stderr } = await lengthen(['compare', 'problems.jsonl', 'x'], { cwd })
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^lengthen: problems\.jsonl, line 1: not a line of an evaluation's results: /),
    ])
  })
})

describe('a model behind a server', () => {
  test('is asked as ours is, the key from the environment and nowhere else', async () => {
    const server = await startServer({ key: 'my-secret', troubles: ['busy', 'cut'] })
    const args = [
      'eval',
      '--server',
      server.address,
      '--model',
      'm',
      'numbers.jsonl',
      '--samples',
      '4',
      '--out',
      'served',
    ]
    const { status, stdout, stderr } = await lengthen([...args, '--key-from', 'MY_KEY'], {
      cwd,
      env: { MY_KEY: 'my-secret' },
    })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/\nmean tokens +7\.0\n/)
    const verdicts = recordsIn('served').flatMap(({ answers }) => answers.map(({ verdict }) => verdict))
    expect(new Set(verdicts)).toEqual(new Set(['correct', 'wrong', 'truncated']))
    for (const name of readdirSync(join(cwd, 'served'))) expect(read('served', name)).not.toContain('my-secret')
    const refused = await lengthen([...args.slice(0, -1), 'refused'], {
      cwd,
      env: { LENGTHEN_API_KEY: 'other-secret' },
    })
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^lengthen: \[server\] .*status 401: .*Bearer \[key\]/),
    ])
  }, 120_000)

  test('that fails for good on some is reported so, ends with 1, and is asked again for those alone', async () => {
    const broken = await startServer({ never: 'number 7' })
    const args = (address: string) => [
      ...[
        'eval',
        '--server',
        address,
        '--model',
        'm',
        'numbers.jsonl',
        '--samples',
        '3',
        '--per-request',
        '1',
        '--retries',
        '1',
      ],
    ]
    const { status, stdout, stderr } = await lengthen([...args(broken.address), '--out', 'broken', '--json'], { cwd })
    expect(status).toBe(1)
    expect(stderr).toBe(
      'lengthen: [evaluation] 3 samples failed (of 3 a problem) and count neither as right nor as wrong; the same command asks for them again\n',
    )
    const [summary, error] = stdout
      .trimEnd()
      .split('\n')
      .slice(-2)
      .map((line) => JSON.parse(line))
    expect(summary).toMatchObject({ type: 'summary', numProblems: 11, numSamples: 33, numFailed: 3 })
    expect(error).toMatchObject({ type: 'error', code: 'IncompleteError' })
    expect(recordsIn('broken')[7]?.answers[0]).toMatchObject({
      verdict: 'failed',
      why: expect.stringContaining('status 500'),
    })
    expect(read('broken', 'report.md')).toContain('**3 samples failed**')
  }, 120_000)
})

describe('a recipe', () => {
  const recipe = join(root, 'recipes/eval-deepscaler.yaml')

  test('of the published evaluation has a plan without model or data', async () => {
    const { status, stdout, stderr } = await lengthen(['eval', recipe, '--dry-run', '--json'], { cwd })
    expect([status, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ type: 'plan', numAnswers: 16 * 1560, mostTokens: 16 * 1560 * 32768, beside: 'deepscaler' },
      protocol: { samplesPerProblem: 16, temperature: 0.6, topP: 0.95, maxResponseTokens: 32768, mode: 'deepscaler' },
    })
    const text = await lengthen(['eval', recipe, '--dry-run'], { cwd })
    expect(text.stdout).toMatch(/\naime-2024 +30 +480 /)
    expect(text.stdout).toContain(
      '24960 answers in all, at most 817.89M tokens; reported beside what deepscaler published',
    )
  })

  test('runs, and its report has the published scores beside', async () => {
    const yaml = `name: small
model: { path: model }
data: { sets: { aime-2024: many.jsonl }, numProblems: { aime-2024: 40 } }
samplesPerProblem: 2
maxResponseTokens: 30
temperature: 0.6
grading: { needsThinkingClosed: false }
beside: deepscaler
`
    writeFileSync(join(cwd, 'small.yaml'), yaml)
    const { status, stderr } = await lengthen(['eval', 'small.yaml', '--set', 'seed=4', '--out', 'recipe'], { cwd })
    expect([status, stderr]).toEqual([0, ''])
    const report = read('recipe', 'report.md')
    expect(report).toContain(
      '2 samples a problem, temperature 0.6, top-p 1, at most 30 new tokens, seed 4, grading exact.',
    )
    expect(report).toContain('| pass@1, % | aime-2024 | math-500 | amc | minerva | olympiad-bench | mean |')
    expect(report).toContain('| DeepScaleR-1.5B | 43.1 | 87.8 | 73.6 | 30.2 | 50.0 | 57.0 |')
    expect(report).toContain('| o1-preview | 40.0 | 81.4 | – | – | – | – |')
    for (const name of readdirSync(join(cwd, 'recipe'))) expect(read('recipe', name)).not.toContain(cwd)
    writeFileSync(
      join(cwd, 'other.yaml'),
      yaml.replace('numProblems: { aime-2024: 40 }', 'numProblems: { aime-2024: 30 }'),
    )
    const other = await lengthen(['eval', 'other.yaml'], { cwd })
    expect([other.status, other.stderr]).toEqual([
      1,
      expect.stringContaining('expected 30 problems for aime-2024, got 40'),
    ])
  })
})
