// The programs of examples/, as someone who copied the folder has them: compiled by its own tsconfig.json against the built package,
// and run each in a process of its own.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../helpers/source-files.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const names = readdirSync(join(root, 'examples')).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []))
const sourceOf = (name: string) => readFileSync(join(root, 'examples', `${name}.ts`), 'utf8')

/** What the head of a program says that it prints. */
const shownBy = (name: string) => [...sourceOf(name).matchAll(/^\/\/ {3}(.*)$/gm)].map(([, line]) => line ?? '')

beforeAll(async () => {
  cpSync(join(root, 'examples'), folder, { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/lengthen'))
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'))
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  expect(await node(tsc)).toEqual({ status: 0, stdout: '', stderr: '' })
}, 60_000)

function node(...args: string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, args, { cwd: folder }, (error, stdout, stderr) =>
      resolve({ status: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    ),
  )
}

/** What it printed. */
async function run(name: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await node(join('build', `${name}.js`), ...args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** The numbers that a pattern finds, in order. */
const numbers = (output: string, pattern: RegExp): number[] =>
  [...output.matchAll(pattern)].map((match) => Number(match[1]))

// Which answer the judge is asked about second is for the network to say, and times are the machine's.
const varying = ['custom-reward', 'kernels']

test.each(names.filter((name) => !varying.includes(name)))('%s prints what its head says', async (name) => {
  const lines = (await run(name)).split('\n')
  expect(shownBy(name).length).toBeGreaterThan(0)
  expect(lines).toEqual(expect.arrayContaining(shownBy(name)))
})

test('custom-reward learns from both rewards, and from all answers but the one that the judge keeps waiting', async () => {
  const output = await run('custom-reward')
  const [first = 1, last = 0, firstJudged = 1, lastJudged = 0] = numbers(output, /reward ([\d.]+)/g)
  expect(last).toBeGreaterThan(first + 0.5)
  expect(lastJudged).toBeGreaterThan(firstJudged + 0.5)
  expect(output).toContain('1 answer without a score, 1 request given up')
})

test('kernels times each one with and without its gradient', async () => {
  const output = await run('kernels', '64')
  const timed = [...output.matchAll(/^(\w+): (forward|with gradient) [\d.]+ ms/gm)].map(
    ([, name, what]) => `${name} ${what}`,
  )
  const kernels = ['attention', 'token_logprob', 'grpo_loss']
  expect(timed).toEqual(kernels.flatMap((name) => [`${name} forward`, `${name} with gradient`]))
  expect(numbers(output, /([\d.]+) GFLOP/g)).toHaveLength(4)
})

test('what the heads say is worth showing', () => {
  const shown = (name: string) => shownBy(name).join('\n')
  const [before = 1, after = 0] = numbers(shown('grpo'), /(?:before|after): ([\d.]+)%/g)
  expect(after).toBeGreaterThan(before + 60)
  expect(shown('dpo')).toMatch(/^step 1: loss 0\.6931,/) // ln 2: before a step the policy is the reference
  expect(shown('dpo')).toContain('16 of 16 pairs in the right order')
  expect(shown('own-grpo-loss')).toContain('gradients differ by less than 1e-6 of the largest: true')
  expect(shown('custom-op')).toContain('the gradient is right to 1e-3: true')
  expect(shown('checkpoint')).toMatch(/the same metrics: true\nthe same weights: true$/)
  expect(shown('save-and-load')).toContain('the same bits: true')
  expect(shown('custom-schedule').match(/is over: 98% of what fits is right/g)).toHaveLength(3)
})

test('each is short, tells how it is run, and imports nothing but lengthen and Node’s modules', () => {
  for (const name of names) {
    const source = sourceOf(name)
    expect(source.split('\n').length, name).toBeLessThanOrEqual(130)
    expect(source, name).toMatch(
      new RegExp(`^(// .*\\n){1,3}// Run: node ${name}\\.ts( \\[.*\\])?\\n//\\n(//   .*\\n)+import `),
    )
    const imported = [...source.matchAll(/from '(.*)'/g)].map(([, from]) => from ?? '')
    expect(
      imported.filter((from) => from !== 'lengthen' && !from.startsWith('node:')),
      name,
    ).toEqual([])
  }
})

test('README.md has a line for each', () => {
  const listed = [...readFileSync(join(root, 'examples/README.md'), 'utf8').matchAll(/^\| \[(.*)\.ts\]/gm)].map(
    ([, name]) => name,
  )
  expect(listed.sort()).toEqual(names.sort())
})

test('package.json asks for this version', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))
  expect(read('examples/package.json').dependencies).toEqual({ lengthen: `^${read('package.json').version}` })
})
