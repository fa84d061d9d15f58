import { beforeAll, describe, expect, test } from 'vitest'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { type DistillOptions, type DistillStep, distill, type WorkedExample } from '../../lib/train/distill.js'
import { distillByRecipe, hardest } from '../../lib/train/distill-recipe.js'
import { distillSection } from '../../lib/train/recipe/sections.js'
import { digitModel, digitProblems, digitTokenizer, weightsOf } from './tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

const plain: DistillOptions = {
  ...{ maxSteps: 12, batchSize: 4, learningRate: 1e-2, warmupSteps: 0, cooldownSteps: 0 },
  ...{ beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 },
}
const example: WorkedExample = { promptTokens: [40, 3, 12], solutionTokens: [40, 3, 13, 25, 6, 5] }

async function run(changes: Partial<DistillOptions>): Promise<DistillStep[]> {
  using model = digitModel(tokenizer)
  const steps: DistillStep[] = []
  const examples = async (_: number, count: number) => new Array<WorkedExample>(count).fill(example)
  for await (const step of distill(model, examples, { ...plain, ...changes })) steps.push(step)
  return steps
}

async function weightsAfter(options: DistillOptions) {
  using model = digitModel(tokenizer)
  for await (const _ of distill(model, async (_, count) => new Array<WorkedExample>(count).fill(example), options));
  return weightsOf(model)
}

const rates = (steps: DistillStep[]) => steps.map(({ learningRate }) => Number((learningRate / 1e-2).toFixed(6)))

describe('the supervised phase', () => {
  test('has a recipe’s defaults in a program too', async () => {
    const { betas, ...section } = distillSection.parse({ maxSteps: 3, batchSize: 2, learningRate: 1e-2 })
    const said = { ...section, beta1: betas[0], beta2: betas[1], until: undefined }
    const short = await weightsAfter({ maxSteps: 3, batchSize: 2, learningRate: 1e-2 })
    expect(short).toEqual(await weightsAfter(said))
  })

  test('lowers the loss on what it is shown', async () => {
    const steps = await run({ maxSteps: 30 })
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect(steps[0]?.loss).toBeGreaterThan(3)
    expect(steps.at(-1)?.loss).toBeLessThan(0.2)
    expect(steps[0]?.numTokens).toBe(4 * (3 + 6 - 1))
  })

  test('warms up, stays, and cools down at the end', async () => {
    expect(rates(await run({ warmupSteps: 4, cooldownSteps: 5 }))).toEqual([
      ...[0.25, 0.5, 0.75, 1],
      ...[1, 1, 1],
      ...[1, 0.8, 0.6, 0.4, 0.2],
    ])
  })

  test('cools down once the level is reached, not before its first step, and then ends', async () => {
    const until = { loss: 1e9, overSteps: 2, fromStep: 4 }
    expect(rates(await run({ cooldownSteps: 2, until }))).toEqual([1, 1, 1, 1, 1, 0.5])
    expect(await run({ until })).toHaveLength(4)
    expect(await run({ until: { ...until, overSteps: 7 } })).toHaveLength(7)
  })

  test('looks at the mean loss of the last steps', async () => {
    const all = (await run({ maxSteps: 25 })).map(({ loss }) => loss)
    const means = all.map((_, i) => (i < 4 ? Infinity : all.slice(i - 4, i + 1).reduce((a, b) => a + b) / 5))
    const numSteps = means.findIndex((mean) => mean < 1) + 1
    expect(numSteps).toBeGreaterThan(5)
    expect(await run({ maxSteps: 25, until: { loss: 1, overSteps: 5, fromStep: 0 } })).toHaveLength(numSteps)
  })

  test('leaves room for the cool-down where the level is never reached', async () => {
    const until = { loss: 1e-9, overSteps: 2, fromStep: 0 }
    expect(rates(await run({ cooldownSteps: 4, until }))).toEqual([...new Array(9).fill(1), 0.75, 0.5, 0.25])
  })

  test('tells with each step the mean loss that the level is held against, and whether it was reached by then', async () => {
    const until = { loss: 1e9, overSteps: 2, fromStep: 3 }
    const steps = await run({ cooldownSteps: 2, until })
    const losses = steps.map(({ loss }) => loss) as [number, number, ...number[]]
    expect(steps.map(({ level }) => level?.isReached)).toEqual([false, false, true, true, true])
    expect(steps.slice(0, 2).map(({ level }) => level?.meanLoss)).toEqual([losses[0], (losses[0] + losses[1]) / 2])
    const missed = await run({ cooldownSteps: 2, until: { ...until, loss: 1e-9 } })
    expect(missed.at(-1)?.level?.isReached).toBe(false)
    expect((await run({})).at(-1)).not.toHaveProperty('level')
  })

  test('may reach its level in the cool-down still', async () => {
    const all = (await run({ maxSteps: 12 })).map(({ loss }) => loss)
    const until = { loss: ((all[9] as number) + (all[10] as number)) / 2, overSteps: 1, fromStep: 0 }
    const steps = await run({ maxSteps: 12, cooldownSteps: 4, until })
    expect(steps).toHaveLength(12)
    expect([7, 11].map((i) => steps[i]?.level?.isReached)).toEqual([false, true])
  })

  test('ends with an error where the loss is no number, and changes no weight', async () => {
    using model = digitModel(tokenizer)
    model.norm.weight.write(new Float32Array(model.norm.weight.numElements).fill(Number.NaN))
    const before = await weightsOf(model)
    const steps = distill(model, async () => [example], plain)
    await expect(steps.next()).rejects.toMatchObject({
      code: 'LossError',
      message: '[distill] the loss is NaN at step 1',
    })
    expect(await weightsOf(model)).toEqual(before)
  })

  test('can be aborted between two steps', async () => {
    using model = digitModel(tokenizer)
    const stop = new AbortController()
    const steps = distill(model, async () => [example], plain, { signal: stop.signal })
    await steps.next()
    stop.abort(new Error('stopped'))
    await expect(steps.next()).rejects.toThrow('stopped')
  })

  test.each<[string, Partial<DistillOptions>]>([
    ['maxSteps', { maxSteps: 0 }],
    ['batchSize', { batchSize: 1.5 }],
    ['until.overSteps', { until: { loss: 1, overSteps: 0, fromStep: 0 } }],
    ['warmupSteps', { warmupSteps: 8, cooldownSteps: 5 }],
  ])('refuses %s that makes no sense', async (name, changes) => {
    await expect(run(changes)).rejects.toThrow(`[distill] expected`)
    await expect(run(changes)).rejects.toThrow(name)
  })
})

describe('a recipe’s supervised phase', () => {
  const section = distillSection.parse({ maxSteps: 2, batchSize: 6, learningRate: 1e-3 })
  const lossesOf = async (maxPositions: number) => {
    using model = digitModel(tokenizer, { maxPositions })
    const parts = { model, tokenizer, source: digitProblems, turn: '{problem}' }
    const steps: DistillStep[] = []
    for await (const step of distillByRecipe(section, parts, {})) steps.push(step)
    return steps
  }

  test('climbs in equal parts from the curriculum’s first difficulty to its last', () => {
    const curriculum = { from: 3, to: 6, overSteps: 12 }
    const climb = Array.from({ length: 16 }, (_, step) => hardest(step, { curriculum }))
    expect(climb).toEqual([3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6])
    expect(hardest(0, {})).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('trains on the generator’s worked solutions, the same every time', async () => {
    const steps = await lossesOf(128)
    expect(steps).toHaveLength(2)
    expect(await lossesOf(128)).toEqual(steps)
  })

  test('leaves out what the model has no positions for', async () => {
    const [short] = await lossesOf(12)
    expect(short?.numTokens).toBe(6 * 12)
  })
})
