// The README's programs, and those of docs/resume.md, checked by the compiler and run as they stand, but for numbers that are meant for a real model.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createModel } from '../lib/models/create.js'
import { loadModel } from '../lib/models/load.js'
import { saveModel } from '../lib/models/save.js'
import { Tokenizer } from '../lib/tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../lib/tokenizer/word-level.js'
import { scheduleSection } from '../lib/train/recipe/stage.js'
import { root } from './helpers/source-files.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const smaller = [
  ['maxResponseTokens: 1024, until: { steps: 100 }', 'maxResponseTokens: 10, until: { steps: 2 }'],
  ['maxResponseTokens: 2048, until: { steps: 100 }', 'maxResponseTokens: 20, until: { steps: 1 }'],
  ['promptsPerStep: 32', 'promptsPerStep: 3'],
] as const

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const documents = [readme, readFileSync(join(root, 'docs/resume.md'), 'utf8')]
const programs = documents.flatMap((text) => [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? ''))
const programWith = (text: string) => programs.findIndex((code) => code.includes(text))

const tsconfig = {
  extends: join(root, 'tsconfig.json'),
  compilerOptions: {
    noEmit: false,
    paths: { lengthen: [join(root, 'dist/index.d.ts')] },
    typeRoots: [join(root, 'node_modules/@types')],
  },
  include: ['*.mts'],
}

beforeAll(async () => {
  await makeModel(join(folder, 'my-model'))
  const problems = ['1+1=', '1+2=', '2+2='].map((problem, i) => JSON.stringify({ problem, answer: i + 2 }))
  writeFileSync(join(folder, 'problems.jsonl'), problems.join('\n'))
  compile()
}, 60_000)

async function makeModel(path: string): Promise<void> {
  await writeWordLevelTokenizer(path, {
    ...{ tokens: [...'0123456789+='], eosToken: '<end>', padToken: '<pad>' },
    chatTemplate: '{% for message in messages %}{{ message.content }}{% endfor %}',
  })
  const tokenizer = await Tokenizer.load(path)
  using model = createModel(
    {
      ...{
        vocabularySize: 14,
        width: 32,
        feedForwardWidth: 48,
        numLayers: 1,
        numHeads: 2,
        numKvHeads: 1,
        headSize: 16,
      },
      ...{ maxPositions: 64, normEpsilon: 1e-6, ropeTheta: 10_000, isHeadTied: true, initializerRange: 0.1 },
    },
    { seed: 1 },
  )
  await saveModel(path, { model, tokenizer })
}

function compile(): void {
  programs.forEach((code, i) => {
    writeFileSync(
      join(folder, `program-${i}.mts`),
      smaller.reduce((text, [from, to]) => text.replace(from, to), code),
    )
  })
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  expect([status, stdout]).toEqual([0, ''])
}

/** What it printed. */
function run(index: number): string {
  const file = join(folder, `program-${index}.mjs`)
  const entry = new URL('../dist/index.js', import.meta.url).href
  writeFileSync(file, readFileSync(file, 'utf8').replace("'lengthen'", JSON.stringify(entry)))
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

test('from a model to a trained checkpoint takes 20 lines', async () => {
  const index = programWith('new GrpoTrainer(')
  expect(programs[index]?.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20)
  for (const [from] of smaller) expect(programs[index]).toContain(from)
  const lines = run(index).trimEnd().split('\n')
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['1', '2', '3'])
  const { model } = await loadModel(join(folder, 'trained'))
  model.dispose()
})

test('an op and a loss of one’s own train a model', () => {
  const lines = run(programWith('defineOp({')).trimEnd().split('\n')
  const losses = lines.map((line) => Number(line.split(' ')[1]))
  expect(losses).toHaveLength(20)
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number))
})

test('what a stage may have, and what ends one, is named', () => {
  const stage = scheduleSection.shape.stages.element.shape
  const names = [...Object.keys(stage), ...Object.keys(stage.until.unwrap().shape)]
  expect(names.filter((name) => !readme.includes(name))).toEqual([])
})

test('what saves memory, and what tells the memory beforehand, is named', () => {
  for (const name of ['--dry-run', 'checkpoint(', 'useRecompute']) expect(readme).toContain(name)
})

test('every script that makes fixtures is named where their making is told', () => {
  const scripts = readdirSync(join(root, 'test/fixtures')).filter((name) => /^make_.*\.py$/.test(name))
  const contributing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  expect(scripts.filter((name) => !contributing.includes(name))).toEqual([])
})

test('every other program runs too', () => {
  const shown = [programWith('new GrpoTrainer('), programWith('defineOp({')]
  for (const index of programs.keys()) if (!shown.includes(index)) run(index)
})
