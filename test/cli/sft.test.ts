// `lengthen sft`, carried out by the command line: what it prints, what it leaves behind, and that a killed run goes on to the bit.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readChatExamples } from '../../lib/data/chat/read-examples.js'
import { loadModel } from '../../lib/models/load.js'
import { heldOutLoss } from '../../lib/train/sft/held-out-loss.js'
import { loadSftRecipe } from '../../lib/train/sft/recipe/load.js'
import { root } from '../helpers/source-files.js'
import { digitProblems } from '../train/tiny-run.js'
import { type Json, jsonLines } from './json-lines.js'
import { type Ended, interrupted, lengthen, namesUnder } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (...names: string[]) => join(folder, ...names)
const readText = (...names: string[]) => readFileSync(at(...names), 'utf8')
const json = (run: string, name: string) => jsonLines(readText(run, name))

/** Lines of metrics.jsonl without what the clock says. */
const metricsOf = (run: string) =>
  json(run, 'metrics.jsonl').map(({ seconds: _, tokensPerSecond: __, ...metrics }) => metrics)
const weightsOf = (run: string) => readFileSync(at(run, 'model/model.safetensors'))

const recipe = `name: tiny
model: { path: model }
data:
  train: chats.jsonl
  heldOut: held-out.jsonl
  answers: verbatim
  columns: { solution: worked }
training:
  epochs: 4
  batch: { examples: 8 }
  tokensPerMicroBatch: 100
optimizer: { learningRate: 3e-3, learningRateSchedule: { decay: cosine, warmupSteps: 2 } }
evaluation: { everySteps: 5 }
checkpoint: { everySteps: 4 }
`

beforeAll(async () => {
  await writeTinyFolder(folder)
  const rows = digitProblems
    .workedRows(0, 48, { maxSteps: 3 })
    .map(({ problem, solution }) => JSON.stringify({ problem, worked: solution }))
  writeFileSync(at('chats.jsonl'), `${rows.slice(0, 40).join('\n')}\n`)
  writeFileSync(at('held-out.jsonl'), `${rows.slice(40).join('\n')}\n`)
  writeFileSync(at('sft.yaml'), recipe)
  const { status, stderr } = await lengthen(['sft', 'sft.yaml', '--json', '--out', 'whole'], { cwd: folder })
  expect([status, stderr]).toEqual([0, ''])
}, 60_000)

describe('a run', () => {
  test('leaves what explains it, the last model and the best, and nothing temporary', () => {
    const names = ['best', 'checkpoints', 'metrics.jsonl', 'model', 'recipe.yaml', 'versions.json']
    expect(readdirSync(at('whole')).sort()).toEqual(names)
    expect(readdirSync(at('whole/checkpoints')).sort()).toEqual(['step-000016', 'step-000020'])
    expect(namesUnder(at('whole')).filter((name) => /tmp|lock/.test(name))).toEqual([])
    expect(JSON.parse(readText('whole/versions.json'))).toMatchObject({ node: process.version, device: 'cpu' })
  })

  test('has a line in its metrics for every step and every evaluation', () => {
    const metrics = metricsOf('whole')
    const steps = metrics.filter(({ type }) => type === 'step')
    expect(steps.map(({ step, epoch }) => [step, epoch])).toEqual(
      Array.from({ length: 20 }, (_, i) => [i + 1, 1 + Math.floor(i / 5)]),
    )
    const evaluations = metrics.filter(({ type }) => type === 'evaluation')
    expect(evaluations.map(({ step }) => step)).toEqual([0, 5, 10, 15, 20])
    expect(Number(evaluations.at(-1)?.loss)).toBeLessThan(0.9 * Number(evaluations[0]?.loss))
  })

  test('holds the recipe with every default and the hashes of its data, which reads back and plans the same', async () => {
    const { recipe } = await loadSftRecipe(at('whole/recipe.yaml'))
    expect(recipe).toMatchObject({ seed: 1, training: { maxGradNorm: 1 }, checkpoint: { everySteps: 4, keepLast: 2 } })
    expect(recipe.data.train).toMatchObject({
      path: at('chats.jsonl'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test('holds models that have the losses it told', async () => {
    for (const name of ['model', 'best'] as const) {
      const { model, tokenizer } = await loadModel(at('whole', name))
      using held = model
      const source = { path: at('held-out.jsonl'), columns: { solution: 'worked' } }
      const { examples } = await readChatExamples(source, { tokenizer, answers: 'verbatim' })
      const { loss } = await heldOutLoss(held, examples, { tokensPerMicroBatch: 1000 })
      const told = metricsOf('whole').filter(({ type, step }) => type === 'evaluation' && Number(step) > 0)
      const losses = told.map(({ loss }) => Number(loss))
      expect(loss).toBe(name === 'best' ? Math.min(...losses) : losses.at(-1))
    }
  })
})

describe('a run that is killed', () => {
  test('at any moment ends with the same metrics and weights when it goes on', async () => {
    await killed(['sft', 'sft.yaml', '--json', '--out', 'killed'], { when: '"step":2,' })
    for (const when of ['"step":11,', '"step":15,"loss"']) // in the middle of an epoch, and behind an evaluation
      await killed(['sft', '--resume', 'killed', '--json'], { when })
    const { status, stdout } = await lengthen(['sft', '--resume', 'killed', '--json'], { cwd: folder })
    expect(status).toBe(0)
    expect(jsonLines(stdout).find(({ type }) => type === 'resumed')).toMatchObject({ damaged: [] })
    expect(metricsOf('killed')).toEqual(metricsOf('whole'))
    expect(weightsOf('killed').equals(weightsOf('whole'))).toBe(true)
    expect(readdirSync(at('killed')).sort()).toEqual(readdirSync(at('whole')).sort())
  }, 60_000)

  test('that has ended ends again, with the same model', async () => {
    const before = weightsOf('whole')
    const { status, stdout } = await lengthen(['sft', '--resume', 'whole', '--json'], { cwd: folder })
    expect([status, jsonLines(stdout).map(({ type }) => type)]).toEqual([0, ['start', 'resumed', 'summary']])
    expect(weightsOf('whole').equals(before)).toBe(true)
    expect(jsonLines(stdout).at(-1)).toMatchObject({ numSteps: 20, isStoppedEarly: false })
  })

  test('by SIGINT finishes its step, saves, and says how to go on', async () => {
    const { status, stdout, stderr } = await interrupted(['sft', 'sft.yaml', '--json', '--out', 'stopped'], {
      ...{ cwd: folder, when: (stdout) => stdout.includes('"step":7,') },
    })
    expect(status).toBe(1)
    const [, step = ''] =
      /; step (\d+) is saved: lengthen sft --resume stopped goes on from there\n$/.exec(stderr) ?? []
    expect(Number(step)).toBeGreaterThanOrEqual(7)
    const events = jsonLines(stdout)
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(Number(step))
    expect(events.at(-1)).toMatchObject({ type: 'error', interrupted: true, run: 'stopped', step: Number(step) })
    expect((await lengthen(['sft', '--resume', 'stopped'], { cwd: folder })).status).toBe(0)
    expect(weightsOf('stopped').equals(weightsOf('whole'))).toBe(true)
  }, 60_000)
})

test('to people it says how it goes: the start, every tenth step, evaluations and the end', async () => {
  const { status, stdout } = await lengthen(
    ['sft', 'sft.yaml', '--set', 'data.maxTokens=25', '--set', 'data.tooLong=drop'],
    {
      cwd: folder,
    },
  )
  expect(status).toBe(0)
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(/^tiny: [\d.]+K parameters on cpu; \d+ examples, \d+ steps$/)
  expect(lines[1]).toMatch(/ kernels; run in runs\/tiny-1$/)
  expect(lines[2]).toMatch(/^too long: \d+ examples left out, 0 cut$/)
  expect(lines[3]).toMatch(/^before: held-out loss \d\.\d{4}, perplexity [\d.]+ {2}0:00$/)
  expect(stdout).toMatch(
    /\n {2}step 10 of \d+ {2}epoch \d {2}loss \d\.\d{4} {2}gradient [\d.]+ {2}rate \d\.\de-\d {2}\S+ tokens\/s\n/,
  )
  expect(lines.at(-2)).toMatch(
    /^\d+ steps; held-out loss \d\.\d{4}, best after step \d+: .* in best\/; 0:\d\d in all; everything is in runs\/tiny-1$/,
  )
})

test('adapters are trained, written in peft’s format, and merged where the recipe says so', async () => {
  const lora = ['--set', 'model.lora={ rank: 2, alpha: 4, dropout: 0.1 }', '--set', 'training.maxSteps=3']
  const apart = await lengthen(['sft', 'sft.yaml', '--json', '--out', 'lora', ...lora], { cwd: folder })
  expect([apart.status, apart.stderr]).toEqual([0, ''])
  const start = jsonLines(apart.stdout)[0] as { numParameters: number; numTrained: number }
  expect(start.numTrained).toBeLessThan(start.numParameters / 2)
  expect(readdirSync(at('lora/model'))).toContain('adapter_model.safetensors')
  expect(JSON.parse(readText('lora/model/adapter_config.json'))).toMatchObject({ base_model_name_or_path: at('model') })
  const merge = [...lora, '--set', 'model.lora.merge=true']
  expect((await lengthen(['sft', 'sft.yaml', '--out', 'merged', ...merge], { cwd: folder })).status).toBe(0)
  const { model } = await loadModel(at('merged/model'))
  model.dispose()
}, 30_000)

test('a run of adapters does not go on over another base', async () => {
  const base = at('base', 'model.safetensors')
  cpSync(at('model'), at('base'), { recursive: true })
  const sets = { path: 'base', lora: '{ rank: 2, alpha: 4 }' }
  const args = Object.entries(sets).flatMap(([key, value]) => ['--set', `model.${key}=${value}`])
  const run = ['sft', 'sft.yaml', '--json', '--out', 'over', '--set', 'training.maxSteps=1', ...args]
  expect((await lengthen(run, { cwd: folder })).status).toBe(0)
  const bytes = readFileSync(base)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
  writeFileSync(base, bytes)
  const { status, stderr } = await lengthen(['sft', '--resume', 'over'], { cwd: folder })
  expect([status, stderr]).toEqual([1, expect.stringContaining(', the weights that the run began with, got ')])
}, 30_000)

describe('--dry-run', () => {
  const plan = (...args: string[]) => lengthen(['sft', 'sft.yaml', '--dry-run', ...args], { cwd: folder })

  test('counts examples, tokens, steps and what is left out, as JSON and as tables', async () => {
    const { status, stdout } = await plan('--json')
    expect(status).toBe(0)
    const counted = JSON.parse(stdout) as Json
    const steps = metricsOf('whole').filter(({ type }) => type === 'step')
    const sum = (key: string) => steps.reduce((total, step) => total + Number(step[key]), 0)
    expect(counted).toMatchObject({
      ...{ type: 'plan', recipe: 'tiny', device: 'cpu', numBadRows: 0, epochs: 4, numSteps: 20, evaluateEverySteps: 5 },
      ...{
        numTokens: sum('numTokens'),
        maxTokensPerStep: Math.max(...steps.map(({ numTokens }) => Number(numTokens))),
      },
      train: { numExamples: 40, numLearnedTokens: sum('numLearnedTokens') / 4, numDropped: 0, numCut: 0 },
      heldOut: { numExamples: 8 },
    })
    const text = (await plan()).stdout
    expect(text).toMatch(
      /^tiny: [\d.]+K parameters on cpu; a plan, nothing is run\n\nset .*\n─.*\ntrain +40 .*\nheld out +8 /,
    )
    expect(text).toContain('20 steps in 4 epochs: ')
    expect(text).toContain('held-out loss before the first step, every 5 steps and at the end')
  })

  test('makes nothing', () => {
    expect(readdirSync(at('runs'))).toEqual(['tiny-1'])
  })
})

describe('wrong usage is told, with status 2', () => {
  test.each([
    [[], 'expected a recipe, or --resume with a run directory'],
    [['--resume', 'whole', '--set', 'seed=2'], 'expected --resume without --set: the run has its own recipe'],
    [['--resume', 'nowhere'], "expected a run's directory, with a recipe.yaml, at nowhere, found none"],
    [['sft.yaml', '--out', 'whole'], 'expected an empty or new directory for the run, got whole with'],
    [['sft.yaml', '--set', 'data.train=none.jsonl'], 'for data.train, found none at'],
  ])('%j', async (args, message) => {
    const { status, stderr } = await lengthen(['sft', ...args], { cwd: folder })
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

test('what is wrong with the data is told with its line, and status 1, before anything is made', async () => {
  const { status, stderr } = await lengthen(['sft', 'sft.yaml', '--set', 'data.maxTokens=10', '--out', 'none'], {
    cwd: folder,
  })
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/chats\.jsonl, line 1: expected at most maxTokens = 10 tokens, got \d+/),
  ])
  expect(readdirSync(folder)).not.toContain('none')
})

test('the program of docs/sft.md runs as it stands', async () => {
  const [, code = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'docs/sft.md'), 'utf8')) ?? []
  const entry = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)
  const program = code.replace("'lengthen'", entry).replace('my-model', 'model').replace('chats.jsonl', 'talks.jsonl')
  const talk = {
    messages: [
      { role: 'user', content: '12' },
      { role: 'assistant', content: '<think>3<|end|>' },
    ],
  }
  writeFileSync(at('talks.jsonl'), `${JSON.stringify(talk)}\n`.repeat(20))
  writeFileSync(at('program.mjs'), program)
  const { status, stdout, stderr } = await ended(spawn(process.execPath, ['program.mjs'], { cwd: folder }))
  expect([status, stderr, stdout.trimEnd().split('\n').length]).toEqual([0, '', 4])
  expect(readdirSync(at('runs/mine'))).toContain('model')
}, 30_000)

async function ended(child: ReturnType<typeof spawn>): Promise<Ended> {
  const ended: Ended = { status: null, stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      ended[name] += text
    })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { ...ended, status }
}

/** Ends the process at once when it has printed that. */
async function killed(args: readonly string[], { when }: { when: string }): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { cwd: folder })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (printed.includes(when)) child.kill('SIGKILL')
  })
  const signal = await new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)))
  expect([when, signal]).toEqual([when, 'SIGKILL'])
}
