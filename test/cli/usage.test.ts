import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { interrupted, lengthen, namesUnder, quickstart, shrunken } from './lengthen.js'

test('--help shows an example and ends with 0', async () => {
  const cwd = temporaryFolder()
  for (const args of [['--help'], ['train', '--help']]) {
    const { status, stdout, stderr } = await lengthen(args, { cwd })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^Usage: lengthen/)
    expect(stdout).toContain('$ lengthen train quickstart --set seed=2 --out runs/seed-2')
  }
})

describe('wrong usage ends with 2 and one message, and makes nothing', () => {
  const mistyped = readFileSync(quickstart, 'utf8').replace(/^ {2}numAnswers:/m, '  numAnswer:')
  const line = mistyped.split('\n').findIndex((text) => text.includes('numAnswer:')) + 1
  test.each<[string, string[], RegExp]>([
    ['no command', [], /^Usage: lengthen/],
    ['an unknown command', ['trian', 'r.yaml'], /^lengthen: unknown command 'trian'\n\(Did you mean train\?\)\n$/],
    [
      'an unknown option',
      ['train', 'r.yaml', '--jsno'],
      /^lengthen: unknown option '--jsno'\n\(Did you mean --json\?\)\n$/,
    ],
    ['no argument', ['plan'], /^lengthen: missing required argument 'recipe'\n$/],
    ['results that are not there', ['compare', 'a', 'b'], /^lengthen: a: cannot be read: ENOENT[^\n]*\n$/],
    ['no recipe', ['train'], /^lengthen: expected a recipe, or --resume with a run directory\n$/],
    ['changes of a new run', ['train', 'r.yaml', '--allow-changes'], /expected --allow-changes with --resume only\n$/],
    [
      'a run that is not there',
      ['train', '--resume', 'no'],
      /^lengthen: \[run\] expected a run's directory, with a recipe\.yaml, at no, found none\n$/,
    ],
    [
      'a recipe beside a run',
      ['train', 'r.yaml', '--resume', 'run'],
      /^lengthen: expected --resume without a recipe: the run has its own recipe\n$/,
    ],
    ['a recipe that is not there', ['train', 'no.yaml'], /^lengthen: no\.yaml: cannot be read: ENOENT[^\n]*\n$/],
    [
      'an unknown key',
      ['train', 'r.yaml'],
      new RegExp(`^lengthen: r\\.yaml:${line}:3: unknown key "numAnswer" in rollout; did you mean "numAnswers"\\?\n$`),
    ],
    [
      'a wrong type',
      ['train', quickstart, '--set', 'seed=one'],
      /^lengthen: --set seed=one: expected a number for seed, got "one"\n$/,
    ],
  ])('%s', async (_, args, message) => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'r.yaml'), mistyped)
    const { status, stdout, stderr } = await lengthen(args, { cwd })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect([status, stdout]).toEqual([2, ''])
    expect(readdirSync(cwd)).toEqual(['r.yaml'])
  })
})

test.each([
  [{ LENGTHEN_ADDON: 'foo' }, '[addon] expected cpu or cuda for LENGTHEN_ADDON, got foo'],
  [{ LENGTHEN_ISA: 'mmx' }, '[target] expected plain, avx2 or avx512, got mmx'],
  [{ LENGTHEN_THREADS: 'abc' }, '[LENGTHEN_THREADS] expected 1 to 1024 threads, got abc'],
])('so is what the environment cannot ask for: %o', async (env, problem) => {
  const cwd = temporaryFolder()
  const { status, stderr } = await lengthen(['train', quickstart, ...shrunken], { cwd, env })
  expect([status, stderr]).toEqual([2, `lengthen: ${problem}\n`])
})

test('a directory with something in it is refused with 2, and nothing in it is touched', async () => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'full'))
  writeFileSync(join(cwd, 'full/kept'), 'x')
  const { status, stdout, stderr } = await lengthen(['train', quickstart, '--out', 'full', ...shrunken], { cwd })
  expect(stderr).toBe('lengthen: [run] expected an empty or new directory for the run, got full with kept in it\n')
  expect([status, stdout]).toEqual([2, ''])
  const planned = await lengthen(['train', quickstart, '--out', 'full', '--dry-run'], { cwd })
  expect(planned).toEqual({ status, stdout, stderr })
  expect(namesUnder(cwd)).toEqual(['full', 'full/kept'])
})

test('what this build cannot do is refused with 1 before anything is written', async () => {
  const cwd = temporaryFolder()
  const args = ['train', quickstart, ...shrunken, '--set', 'dtype=bf16']
  const { status, stderr } = await lengthen(args, { cwd })
  expect(stderr).toBe('lengthen: [recipe] this version trains in f32 only, got dtype bf16\n')
  expect(status).toBe(1)
  expect(readdirSync(cwd)).toEqual([])
})

test('an interrupt in the supervised phase ends the run soon, with 1 and a message', async () => {
  const cwd = temporaryFolder()
  const { status, stderr, tookMs } = await interrupted(['train', quickstart, '--json', '--out', 'run'], {
    cwd,
    env: { TMPDIR: cwd },
    when: (stdout) => stdout.includes('"distill"'),
  })
  expect(tookMs).toBeLessThan(2000)
  const files = ['metrics.jsonl', 'recipe.yaml', 'rehearsal.json', 'samples.jsonl', 'versions.json']
  expect(stderr).toBe('lengthen: interrupted by SIGINT; run holds no checkpoint yet\n')
  expect(status).toBe(1)
  expect(namesUnder(cwd)).toEqual(['run', 'run/checkpoints', ...files.map((name) => `run/${name}`)])
})

test('--dry-run prints the plan, for people or as one object, and makes nothing', async () => {
  const cwd = temporaryFolder()
  const args = ['train', join(root, 'recipes/deepscaler-1.5b.yaml'), '--dry-run']
  const [text, json] = await Promise.all([lengthen(args, { cwd }), lengthen([...args, '--json'], { cwd })])
  expect([text.status, text.stderr, json.status, json.stderr]).toEqual([0, '', 0, ''])
  expect(text.stdout).toContain('1.78B parameters on cpu')
  expect(JSON.parse(json.stdout)).toMatchObject({
    stages: [{ maxSteps: 1040 }, {}, {}],
    memory: { weights: 7108352000 },
  })
  const small = await lengthen(['train', quickstart, '--dry-run'], { cwd })
  expect(small.stdout).toMatch(/\n1 +8 +32 +48 × 8 /)
  expect(readdirSync(cwd)).toEqual([])
})
