// A shrunken quickstart, carried out by the command line: what it prints, what it leaves behind, and that it repeats.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digitRecurrenceSource } from '../../lib/data/synthetic/digit-recurrence-source.js'
import { evaluate } from '../../lib/eval/evaluate.js'
import { summarize } from '../../lib/eval/statistics.js'
import { loadModel } from '../../lib/models/load.js'
import { RandomStream } from '../../lib/random.js'
import { mathReward } from '../../lib/reward/math-reward.js'
import { RolloutEngine } from '../../lib/rollout/engine.js'
import { loadRecipe, type Recipe } from '../../lib/train/recipe/recipe.js'
import { metricsIn } from '../helpers/run-files.js'
import { type Json, jsonLines } from './json-lines.js'
import { type Ended, interrupted, lengthen, namesUnder, quickstart, shrunken } from './lengthen.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (...names: string[]) => join(folder, ...names)
const readText = (...names: string[]) => readFileSync(at(...names), 'utf8')

const metricsOf = (run: string) => metricsIn(at(run))

const carryOut = (out: string, env: Record<string, string>) =>
  lengthen(['train', quickstart, '--json', '--out', out, ...shrunken], { cwd: folder, env })

let first: Ended
let recipe: Recipe
let phases: Json[]

beforeAll(async () => {
  first = await carryOut('first', { LENGTHEN_THREADS: '2', TMPDIR: folder })
  expect(first.stderr).toBe('')
  recipe = (await loadRecipe(at('first/recipe.yaml'))).recipe
  phases = jsonLines(first.stdout).at(-1)?.phases as Json[]
}, 60_000)

describe('lengthen train --json', () => {
  test('prints an object a line, the last one the summary, and ends with 0', () => {
    const events = jsonLines(first.stdout)
    expect(first.status).toBe(0)
    expect(events[0]).toMatchObject({ type: 'start', run: 'first', recipe: 'quickstart' })
    expect(events.filter(({ type }) => type === 'step')).toHaveLength(5)
    expect(events.at(-1)).toMatchObject({ type: 'summary', run: 'first' })
    expect(phases.map(({ name }) => name)).toEqual(['base', 'stage 1', 'stage 2', 'stage 3'])
    for (const phase of phases)
      for (const key of ['passAt1', 'standardError', 'meanTokens', 'truncatedShare'])
        expect(phase[key], `${phase.name} ${key}`).toSatisfy(Number.isFinite)
  })

  test('has something to learn from in nearly every step', () => {
    const learned = metricsOf('first').filter(({ gradientNorm }) => Number(gradientNorm) > 0)
    expect(learned.length).toBeGreaterThanOrEqual(4)
  })
})

describe('the run’s directory', () => {
  test('holds what explains the run, and nothing temporary', () => {
    expect(readdirSync(at('first')).sort()).toEqual([
      ...['checkpoints', 'journal', 'metrics.jsonl', 'model', 'phases.json'],
      ...['recipe.yaml', 'rehearsal.json', 'samples.jsonl', 'versions.json'],
    ])
    expect(namesUnder(folder).filter((name) => /tmp|lengthen-tokenizer/.test(name))).toEqual([])
  })

  test('holds the resolved recipe, which reads back as the one that was run', async () => {
    const set = shrunken.filter((_, i) => i % 2 === 1)
    expect(recipe).toEqual((await loadRecipe(quickstart, { set })).recipe)
    expect(readText('first/recipe.yaml')).toContain('clipHigh: 0.2')
  })

  test('holds the metrics of each step, on policy, and its samples', () => {
    const metrics = metricsOf('first')
    expect(metrics.map(({ step, stage }) => [step, stage])).toEqual([
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
      [5, 2],
    ])
    for (const { maxLogprobDifference } of metrics) expect(maxLogprobDifference).toBe(0)
    expect(jsonLines(readText('first/samples.jsonl'))).toHaveLength(5 * 12 * 16)
    expect(JSON.parse(readText('first/versions.json'))).toMatchObject({ node: process.version, device: 'cpu' })
    expect(JSON.parse(readText('first/phases.json'))).toEqual(phases)
  })

  test('holds a model that loads and answers as the trained one did', async () => {
    const { model, tokenizer } = await loadModel(at('first/model'))
    using held = model
    const { data, seed, evaluation, rollout } = recipe
    const problems = digitRecurrenceSource(data.synthetic as NonNullable<typeof data.synthetic>, { seed })
    const answers = await evaluate(
      { engine: new RolloutEngine(held, tokenizer), tokenizer },
      {
        rows: problems.heldOutRows(evaluation.numProblems),
        reward: mathReward(),
        samplesPerProblem: evaluation.samplesPerProblem,
        maxResponseTokens: 24,
        temperature: rollout.temperature,
        seed: new RandomStream(seed, 'held-out evaluation').word(),
      },
    )
    const { passAt1, meanTokens, truncatedShare } = summarize(answers)
    expect(phases.at(-1)).toMatchObject({ passAt1, meanTokens, truncatedShare })
  })
})

test('another process gives the same metrics and the same weights, with one thread and other instructions too', async () => {
  const runs = [
    ['again', { LENGTHEN_THREADS: '2' }],
    ['one-thread', { LENGTHEN_THREADS: '1', LENGTHEN_ISA: 'avx2' }],
  ] as const
  const ends = await Promise.all(runs.map(([out, env]) => carryOut(out, env)))
  expect(jsonLines(ends[1]?.stdout ?? '')[0]).toMatchObject({ numThreads: 1, target: 'avx2' })
  const weights = readFileSync(at('first/model/model.safetensors'))
  for (const [out] of runs) {
    expect(metricsOf(out)).toEqual(metricsOf('first'))
    expect(readText(out, 'samples.jsonl')).toBe(readText('first/samples.jsonl'))
    expect(readFileSync(at(out, 'model/model.safetensors')).equals(weights), out).toBe(true)
  }
}, 60_000)

describe('a recipe of files', () => {
  // The run's own model, and its problems as JSON Lines beside the recipe.
  beforeAll(() => {
    const problems = digitRecurrenceSource({ minSteps: 1, maxSteps: 2, slip: 0, mend: 0, recheck: 0 }, { seed: 1 })
    const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    writeFileSync(at('train.jsonl'), lines(problems.rowsOf(0, 30)))
    writeFileSync(at('held-out.jsonl'), lines(problems.heldOutRows(25)))
    writeFileSync(
      at('files.yaml'),
      `name: files
model: { path: first/model }
data: { train: train.jsonl, heldOut: held-out.jsonl }
rollout: { promptsPerStep: 8, numAnswers: 8, maxPromptTokens: 16 }
optimizer: { learningRate: 0 }
schedule:
  stages:
    - { maxResponseTokens: 12, until: { steps: 1 } }
    - { maxResponseTokens: 16, until: { steps: 1 } }
evaluation: { numProblems: 20, samplesPerProblem: 2 }
`,
    )
  })

  test('trains a saved model; learning rate 0, the control, moves nothing at all', async () => {
    const { status, stdout, stderr } = await lengthen(['train', 'files.yaml', '--json'], { cwd: folder })
    expect([status, stderr]).toEqual([0, ''])
    const summary = jsonLines(stdout).at(-1) as { run: string; phases: Json[] }
    expect(summary.run).toBe('runs/files-1')
    const measured = summary.phases.map(({ passAt1, standardError, meanTokens, truncatedShare }) => ({
      ...{ passAt1, standardError, meanTokens, truncatedShare },
    }))
    expect(measured).toEqual(new Array(3).fill(measured[0]))
    const weights = readFileSync(at('first/model/model.safetensors'))
    expect(readFileSync(at('runs/files-1/model/model.safetensors')).equals(weights)).toBe(true)
    expect((await loadRecipe(at('runs/files-1/recipe.yaml'))).recipe.model.path).toBe(at('first/model'))
  })

  test('when it is interrupted finishes the step, saves it, says how to go on, and leaves nothing temporary', async () => {
    const long = ['--set', 'schedule.stages=[{ maxResponseTokens: 16, until: { steps: 6 } }]']
    const { status, stderr } = await interrupted(['train', 'files.yaml', '--json', '--out', 'stopped', ...long], {
      cwd: folder,
      env: { TMPDIR: folder },
      when: (stdout) => stdout.includes('"step":2'),
    })
    const [, step] = /step (\d+) is saved: lengthen train --resume stopped goes on from there\n$/.exec(stderr) ?? []
    expect([status, metricsOf('stopped').length]).toEqual([1, Number(step)])
    expect(namesUnder(folder).filter((name) => /tmp|lengthen-tokenizer|lock/.test(name))).toEqual([])
    const resumed = await lengthen(['train', '--resume', 'stopped', '--json'], { cwd: folder })
    expect([resumed.status, resumed.stderr]).toEqual([0, ''])
    expect(jsonLines(resumed.stdout)[1]).toMatchObject({ type: 'resumed', step: Number(step), damaged: [] })
    expect(metricsOf('stopped').map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('whose weights overflow fails with a clear message and leaves no model', async () => {
    const set = ['--set', 'optimizer.learningRate=1e38', '--set', 'optimizer.weightDecay=1']
    const { status, stderr } = await lengthen(['train', 'files.yaml', '--out', 'overflow', ...set], { cwd: folder })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^lengthen: \[.*(finite|NaN|Infinity).*\n$/)
    expect(readdirSync(at('overflow'))).not.toContain('model')
  })
})
