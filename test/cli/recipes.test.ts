// Every recipe, shrunk by --tiny, runs every stage, and what it is known for takes part.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { syntheticSource } from '../../lib/data/synthetic/generators.js'
import { listedRows } from '../../lib/data/synthetic/listed-rows.js'
import { SafetensorsFile } from '../../lib/io/safetensors.js'
import type { RunEvent, StepMetrics } from '../../lib/train/events.js'
import { planRecipe } from '../../lib/train/plan/plan-recipe.js'
import { loadRecipe, type Recipe } from '../../lib/train/recipe/recipe.js'
import { loadTinyRecipe } from '../../lib/train/recipe/tiny.js'
import { runRecipe } from '../../lib/train/run/run-recipe.js'
import type { SampleRecord } from '../../lib/train/run/sample-record.js'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { jsonLines } from './json-lines.js'
import { lengthen } from './lengthen.js'

const published = [
  ...['deepscaler-1.5b', 'fastcurl', 'dapo', 'dr-grpo', 'gspo', 'tina-lora', 'justrl', 'skywork', 'polaris'],
] as const
const ours = ['quickstart', 'quickstart-controller', 'quickstart-long'] as const
type Name = (typeof published)[number] | (typeof ours)[number]

const fileOf = (name: string): string => join(root, 'recipes', `${name}.yaml`)

interface Ran {
  recipe: Recipe
  events: RunEvent[]
  steps: StepMetrics[]
  samples: SampleRecord[]
  out: string
}

async function run(name: Name): Promise<Ran> {
  const loaded = await loadTinyRecipe(fileOf(name))
  const out = join(temporaryFolder(), 'run')
  const events: RunEvent[] = []
  for await (const event of runRecipe(loaded, { out })) events.push(event)
  const steps = events.filter((event) => event.type === 'step')
  const samples = jsonLines(readFileSync(join(out, 'samples.jsonl'), 'utf8')) as unknown as SampleRecord[]
  return { recipe: loaded.recipe, events, steps, samples, out }
}

/** What is true of every run. */
function expectSound({ recipe, events, steps }: Ran): void {
  expect(steps.length).toBeGreaterThanOrEqual(3)
  const stages = recipe.schedule.stages.map((_, stage) => stage)
  expect(events.flatMap((event) => (event.type === 'stage' ? [event.stage] : []))).toEqual(stages)
  expect([...new Set(steps.map(({ stage }) => stage))]).toEqual(stages)
  for (const { rewardParts = {}, ...step } of steps) {
    const wrong = Object.entries({ ...step, ...rewardParts }).filter(([, value]) => !Number.isFinite(value))
    expect(wrong).toEqual(Object.entries({ type: 'step' }))
    expect(step.maxLogprobDifference).toBe(0)
    expect(step.maxTokens).toBeLessThanOrEqual(step.maxResponseTokens)
  }
  expect(steps.some(({ gradientNorm }) => gradientNorm > 0)).toBe(true)
  expect(events.at(-1)).toMatchObject({ type: 'summary', phases: Array(stages.length + 1).fill({}) })
}

/** What the recipe is known for, as its numbers show it. */
const features: Record<Name, (ran: Ran) => void | Promise<void>> = {
  'deepscaler-1.5b'({ steps, recipe }) {
    expect(recipe.objective).toMatchObject({ mode: 'deepscaler', microBatches: 'sum' })
    expect(steps.map(({ maxResponseTokens }) => maxResponseTokens)).toEqual([11, 21, 32])
    expect(steps.map(({ numSamples }) => numSamples)).toEqual([24, 36, 36])
    for (const step of steps) {
      expect(step.entropyWeight).toBe(0.001)
      expect(step.referenceKl).toBeGreaterThan(0) // the second of two updates has left the stage's starting weights
      expect(step.referenceKl).toBeLessThan(0.01) // and never far, since each stage resets the reference
    }
  },
  fastcurl({ steps, samples, recipe }) {
    expect(steps.map(({ maxResponseTokens }) => maxResponseTokens)).toEqual([11, 21, 32, 21, 21])
    expect(steps.map(({ klWeight, entropyWeight }) => [klWeight, entropyWeight])).toEqual([
      ...Array(4).fill([0.001, 0.001]),
      [0, 0],
    ])
    const { synthetic } = recipe.data
    const rows = listedRows(syntheticSource(synthetic as NonNullable<typeof synthetic>, recipe), 48)
    const additionsOf = new Map(rows.map(({ id, problem }) => [id, problem.split('+').length - 1]))
    const seenIn = (step: number) => samples.filter((s) => s.step === step).map((s) => additionsOf.get(s.id) as number)
    expect(Math.max(...seenIn(1))).toBeLessThanOrEqual(3) // short prompts,
    expect(Math.min(...seenIn(3))).toBeGreaterThan(3) // long ones,
    expect([Math.min(...seenIn(2)) <= 3, Math.max(...seenIn(2)) > 3]).toEqual([true, true]) // and all
  },
  dapo({ steps }) {
    expect(steps.some(({ numRounds, numBatches }) => numRounds > 1 && numBatches > 1)).toBe(true)
    for (const { numGroups, numSampledGroups, uniformShare, rewardParts, reward, passRate } of steps) {
      expect(numSampledGroups).toBeGreaterThan(numGroups)
      expect(uniformShare).toBeGreaterThan(0)
      expect(rewardParts?.overlong).toBeLessThan(0)
      expect(reward).toBeCloseTo(passRate + 0.5 * (rewardParts?.overlong as number), 12)
    }
  },
  'dr-grpo'({ steps, recipe }) {
    expect(recipe.objective).toMatchObject({ aggregation: 'constant', normalize: 'none' })
    // Of 4 updates three are off policy; sums of short answers over the limit are smaller than their means.
    for (const { ratio, gradientNorm } of steps) {
      expect(ratio).not.toBe(1)
      expect(gradientNorm).toBeLessThan(0.5)
    }
  },
  gspo({ steps }) {
    for (const { clipFraction } of steps) expect(clipFraction).toBeGreaterThan(0.05) // a clip of 3e-4 is soon reached
  },
  async 'tina-lora'({ steps, out, recipe }) {
    expect(recipe.model).toMatchObject({ lora: { rank: 8, alpha: 32 }, baseDtype: 'bf16' })
    expect(Object.keys(steps[0]?.rewardParts ?? {})).toEqual(['math', 'format'])
    expect(steps.slice(1).every(({ referenceKl }) => referenceKl > 0)).toBe(true)
    expect(steps.at(-1)?.learningRate).toBeLessThan(steps[0]?.learningRate as number)
    const names = readdirSync(join(out, 'model'))
    expect(names).toContain('adapter_model.safetensors')
    expect(names).not.toContain('model.safetensors') // the base is as it was
    expect(await largestOf(join(out, 'model/adapter_model.safetensors'), '.lora_B.weight')).toBeGreaterThan(0) // they begin at 0
  },
  justrl({ steps, recipe }) {
    expect(recipe.objective).toMatchObject({ clipHigh: 0.28, dualClip: 10, klWeight: 0 })
    for (const { numSampledGroups, numGroups, ratio } of steps) {
      expect(numGroups).toBe(numSampledGroups)
      expect(ratio).not.toBe(1)
    }
  },
  skywork({ steps, recipe }) {
    expect(recipe.data.difficulty).toEqual({ min: 0.0625, max: 0.9375, weight: 'none' })
    for (const [i, { entropyWeight, entropy }] of steps.entries()) {
      expect(entropy).toBeLessThan(Math.log(16))
      expect(entropyWeight).toBeCloseTo(i * 1e-4, 12) // it rises as long as the entropy is below its target
    }
    expect(steps.every(({ numRounds }) => numRounds === 1)).toBe(true)
    expect(steps.some(({ numGroups, numSampledGroups }) => numGroups < numSampledGroups)).toBe(true)
  },
  polaris({ steps, recipe }) {
    expect(recipe.schedule.stages.map(({ temperature }) => temperature)).toEqual([undefined, 1.45, 1.5])
    expect(recipe.schedule.stages.map(({ select }) => select)).toEqual([
      undefined,
      { maxSolvedBefore: 0.9 },
      { maxSolvedBefore: 0.9 },
    ])
    expect(steps.some(({ numGroups, numSampledGroups }) => numGroups < numSampledGroups)).toBe(true)
    expect(steps.every(({ ratio }) => ratio === 1)).toBe(true) // one update a step: on policy to the bit
  },
  quickstart({ events, steps }) {
    const losses = events.flatMap((event) => (event.type === 'distill' ? [event.loss] : []))
    expect(losses.at(-1)).toBeLessThan(losses[0] as number)
    expect(steps.map(({ maxResponseTokens }) => maxResponseTokens)).toEqual([11, 21, 32])
  },
  'quickstart-controller'({ events }) {
    const whys = events.flatMap((event) => (event.type === 'stage' ? [event.why] : []))
    expect(whys[1]).toMatch(/more than 20% of answers truncated/)
  },
  'quickstart-long'({ steps }) {
    expect(steps.map(({ maxResponseTokens }) => maxResponseTokens)).toEqual([32, 32, 32])
  },
}

/** Of the tensors whose names end so. */
async function largestOf(path: string, ending: string): Promise<number> {
  const file = await SafetensorsFile.open(path)
  try {
    const names = file.names.filter((name) => name.endsWith(ending))
    const values = await Promise.all(names.map((name) => file.readF32(name)))
    return Math.max(...values.flatMap((array) => [...array].map(Math.abs)))
  } finally {
    await file.close()
  }
}

describe.each([...published, ...ours])('%s', (name) => {
  test('runs shrunk through every stage, with what it is known for', async () => {
    const ran = await run(name)
    expectSound(ran)
    await features[name](ran)
  })

  test('is planned without model and data', async () => {
    const loaded = await loadRecipe(fileOf(name), { mayLackFiles: true })
    const plan = await planRecipe(loaded)
    expect(plan.stages).toHaveLength(loaded.recipe.schedule.stages.length)
    expect(loaded.recipe.name).toBe(name)
  })
})

test('no recipe for training is left out here, and each says where it is from', () => {
  const names = readdirSync(join(root, 'recipes')).flatMap((file) => /^(?!sft-|eval-)(.*)\.yaml$/.exec(file)?.[1] ?? [])
  expect(names.sort()).toEqual([...published, ...ours].sort())
  const table = readFileSync(join(root, 'recipes/README.md'), 'utf8')
  for (const name of published) {
    const text = readFileSync(fileOf(name), 'utf8')
    expect(text, name).toMatch(/^# .*Source: /m)
    expect(text, name).toMatch(/https:\/\//)
    expect(text, name).toMatch(/Where this departs from /)
    expect(table, name).toContain(`(${name}.yaml)`)
  }
})

test('lengthen train --tiny carries out a recipe whose model and data are not there, and keeps one that needs neither', async () => {
  const cwd = temporaryFolder()
  const { status, stdout, stderr } = await lengthen(
    ['train', fileOf('tina-lora'), '--tiny', '--json', '--out', 'run'],
    { cwd },
  )
  expect([status, stderr]).toEqual([0, ''])
  const events = jsonLines(stdout) as unknown as RunEvent[]
  expect(events.filter(({ type }) => type === 'step')).toHaveLength(3)
  const again = await loadRecipe(join(cwd, 'run/recipe.yaml'))
  expect(again.recipe).toMatchObject({
    name: 'tina-lora-tiny',
    data: { synthetic: { generator: 'modular-sum', numRows: 48 } },
  })
})
