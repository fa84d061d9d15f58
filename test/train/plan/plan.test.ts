import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { planText } from '../../../lib/cli/plan-text.js'
import { memoryStats } from '../../../lib/device.js'
import { microBatches } from '../../../lib/grpo/batch.js'
import { answerLogprobs } from '../../../lib/grpo/forward.js'
import { createModel } from '../../../lib/models/create.js'
import { type FamilyName, familyNames } from '../../../lib/models/families/index.js'
import { RolloutEngine } from '../../../lib/rollout/engine.js'
import { scope } from '../../../lib/scope.js'
import { type ModelShape, numParameters } from '../../../lib/train/model-shape.js'
import { planOf } from '../../../lib/train/plan/plan.js'
import { planRecipe } from '../../../lib/train/plan/plan-recipe.js'
import { loadRecipe, parseRecipe } from '../../../lib/train/recipe/recipe.js'
import { root } from '../../helpers/source-files.js'

const tiny: ModelShape = {
  ...{ family: 'qwen2', vocabularySize: 40, width: 16, feedForwardWidth: 24, numLayers: 2 },
  ...{ numHeads: 2, numKvHeads: 1, headSize: 8, isHeadTied: true },
}

const recipe = (changes: string[] = []) =>
  parseRecipe(
    `name: tiny
model: { path: m }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 4, numAnswers: 3, maxPromptTokens: 10 }
objective: { tokensPerMicroBatch: 60, miniBatches: 2, passes: 3 }
schedule:
  stages:
    - { maxResponseTokens: 20, until: { steps: 5 } }
    - { maxResponseTokens: 90, numAnswers: 2, temperature: 0.5, reset: [optimizer] }
`,
    'r.yaml',
    { set: changes },
  )

describe('the number of parameters', () => {
  test.each(familyNames.flatMap((family) => [true, false].map((tied): [FamilyName, boolean] => [family, tied])))(
    'is that of a %s model, tied %s',
    (family, isHeadTied) => {
      const shape = { ...tiny, family, isHeadTied }
      const rest = { maxPositions: 32, normEpsilon: 1e-6, ropeTheta: 10_000, initializerRange: 0.1 }
      using model = createModel({ ...shape, ...rest }, { seed: 1 })
      const counted = model.parameters().reduce((sum, { numElements }) => sum + numElements, 0)
      expect(numParameters(shape)).toBe(counted)
    },
  )
})

test('a stage’s plan has its own settings, and its tokens at most', () => {
  const [first, second] = planOf(recipe(), tiny).stages
  expect(first).toMatchObject({ maxSteps: 5, numAnswers: 3, temperature: 1, updatesPerStep: 6, reset: [] })
  expect(first).toMatchObject({ maxAnswerTokensPerStep: 4 * 3 * 20, maxTokensPerStep: 4 * 3 * 30 })
  expect(second).toMatchObject({ maxSteps: null, numAnswers: 2, temperature: 0.5, reset: ['optimizer'] })
  expect(second).toMatchObject({ maxAnswerTokensPerStep: 4 * 2 * 90, maxTokensPerStep: 4 * 2 * 100 })
})

test('people read of each stage its learning rate, its temperature and what ends it', () => {
  const rate = 'optimizer.learningRateSchedule={ decay: cosine, steps: 100, warmupSteps: 10, finalFraction: 0.1 }'
  const text = planText(planOf(recipe([rate, 'schedule.stages.1.learningRateSchedule={ warmupSteps: 3 }']), tiny))
  expect(text).toMatch(/\nstage +temperature +clip +KL +entropy +learning rate +until\n/)
  expect(text).toMatch(/\n1 +1 .* 1e-6, up over 10 steps, cosine to 1e-7 at step 100 +5 steps\n/)
  expect(text).toMatch(/\n2 +0\.5 .* 1e-6, up over 3 steps +no end\n/)
})

test.each([
  ['{ steps: 1 }', '1 step'],
  ['{ truncatedShare: { above: 0.06, forSteps: 20 } }', 'more than 6% truncated for 20 steps'],
  ['{ answerLength: { above: 0.8, forSteps: 3 } }', 'answers above 80% of the limit for 3 steps'],
  ['{ answerLength: { above: 15, forSteps: 3 } }', 'answers above 15 tokens for 3 steps'],
  ['{ rewardPlateau: { overSteps: 50, slopeBelow: 0.001 } }', 'reward up by less than 0.001 a step over 50 steps'],
  ['{ steps: 9, truncatedShare: { above: 0.125, forSteps: 1 } }', '9 steps, or more than 12.5% truncated for 1 step'],
])('a stage until %s', (until, words) => {
  expect(planText(planOf(recipe([`schedule.stages.0.until=${until}`]), tiny))).toContain(` ${words}\n`)
})

test('a stage’s plan shows what it has of its own, and what ends it', () => {
  const plan = planOf(
    recipe([
      'schedule.stages.0.clipHigh=.inf',
      'schedule.stages.1.klWeight=0.01',
      'schedule.stages.1.klEstimator=k2',
      'schedule.stages.1.entropyWeight=0.002',
      'schedule.stages.1.learningRateSchedule={ decay: cosine, steps: 100, warmupSteps: 10 }',
      'schedule.stages.1.until={ answerLength: { above: 0.5, forSteps: 3 } }',
    ]),
    tiny,
  )
  expect(plan.stages[1]).toMatchObject({
    ...{ clipLow: 0.2, clipHigh: 0.2, klWeight: 0.01, klEstimator: 'k2', entropyWeight: 0.002 },
    learningRateSchedule: { decay: 'cosine', steps: 100 },
    until: { answerLength: { above: 0.5, forSteps: 3 } },
  })
  const text = planText(plan)
  expect(text).toMatch(/\n1 +1 +−0\.2 no upper +– +0 +1e-6 +5 steps\n/)
  expect(text).toMatch(
    /\n2 +0\.5 +−0\.2 \+0\.2 +0\.01 \(k2\) +2e-3 +1e-6, up over 10 steps, cosine .* answers above 50% of the/,
  )
})

describe('the memory', () => {
  // A layer: q 16×16 + 16, k and v 8×16 + 8 each, o 16×16, gate, up and down 24×16 each, two norms of 16.
  const layer = 272 + 2 * 136 + 256 + 3 * 384 + 32
  const weights = 4 * (2 * layer + 40 * 16 + 16)

  test('is what the arithmetic by hand says', () => {
    const { memory } = planOf(recipe(), tiny)
    // Columns come in panels of 32. Forward: q 32×16, k and v 32×16 each, o 32×16, gate and up 32×16 each, down 32×24;
    // head 64×16. For the gradient: the inputs are the columns: q 32×16, k and v 32×8, o 32×16, gate and up 32×24, down 32×16.
    const forward = 4 * (2 * (6 * 512 + 768) + 1024)
    const gradient = 4 * 2 * (512 + 2 * 256 + 512 + 2 * 768 + 512)
    expect(memory).toMatchObject({ weights, gradients: weights, moments: 2 * weights, reference: 0 })
    expect(memory.packedCopies).toBe(forward + gradient)
    // Keys and values of 2 layers of one head of 8. The evaluation, 512 of 1,200 answers at once, takes the most: each of
    // 10 + 90 − 1 tokens in 7 blocks of 16, and one block in reserve.
    expect(memory.kvCache).toBe(2 * 4 * 2 * 8 * 16 * 512 * (7 + 1))
    // With 2 answers to evaluate, a step of the second stage does: 8 answers as long; of the first: 12 of 29 tokens.
    const few = planOf(recipe(['evaluation.numProblems=2', 'evaluation.samplesPerProblem=1']), tiny).memory
    expect(few.kvCache).toBe(2 * 4 * 2 * 8 * 16 * 8 * (7 + 1))
    // 100 tokens, the longest sequence: a layer keeps 2·(2·16 + 1) + 2·16 + 2·8 + 2 + 3·24 floats, the head 16 + 1 + 16 + 3.
    expect(memory.activations).toBe(4 * 100 * (2 * 188 + 36))
    // A checkpoint's copy: weights and moments.
    expect(memory.snapshot).toBe(3 * weights)
    const always = weights + memory.packedCopies + 2 * weights + memory.snapshot
    // At most 100 rows by 40 columns of logits; the gradient of the head, 40 rows of 16.
    expect(memory.logits).toBe(4 * (100 * 40 + 40 * 16))
    // The gradients of gate and up, of 24 each.
    expect(memory.backward).toBe(4 * 100 * 2 * 24)
    expect(memory.peak).toBe(always + Math.max(memory.kvCache, weights + memory.activations + memory.backward))
  })

  test('has the activations of no more tokens than a mini-batch has', () => {
    const activationsOf = (...set: string[]) => planOf(recipe(set), tiny).memory.activations
    const ofToken = 4 * (2 * 188 + 36)
    // A mini-batch has 2 of 4 prompts, of 3 answers of 30 tokens in the first stage, of 2 of 100 in the second.
    expect(activationsOf('objective.tokensPerMicroBatch=32768')).toBe(400 * ofToken)
    expect(activationsOf('objective.tokensPerMicroBatch=350')).toBe(350 * ofToken)
    expect(activationsOf('objective.tokensPerMicroBatch=32768', 'objective.miniBatches=9')).toBe(200 * ofToken)
    expect(activationsOf('objective.tokensPerMicroBatch=32768', 'schedule.stages.0.numAnswers=20')).toBe(1200 * ofToken)
  })

  test('has the cache that the engine takes', async () => {
    const blocks = { blockSize: 16, maxBatch: 512 }
    using model = createModel(
      { ...tiny, ...{ maxPositions: 128, normEpsilon: 1e-6, ropeTheta: 10_000, initializerRange: 0.1 } },
      { seed: 1 },
    )
    const engine = new RolloutEngine(model, { vocabSize: 40, eosIds: [], encode: () => [], decode: () => '' }, blocks)
    const prompts = [1, 2, 3, 4].map((token) => new Array<number>(10).fill(token))
    for await (const _ of engine.generate(prompts, { numAnswers: 2, maxResponseTokens: 90, stop: [] }));
    const before = memoryStats().usedBytes
    engine.release()
    await model.head.toArray() // what is released goes back in queue order
    const { kvCache } = planOf(recipe(['evaluation.numProblems=2', 'evaluation.samplesPerProblem=1']), tiny).memory
    expect(before - memoryStats().usedBytes).toBe(kvCache)
  })

  test('has a reference where a stage has a KL term', () => {
    const { memory } = planOf(recipe(['schedule.stages.1.klWeight=0.1']), tiny)
    expect(memory.reference).toBe(weights + 4 * (2 * (6 * 512 + 768) + 1024))
    expect(memory.snapshot).toBe(4 * weights)
  })

  test('has no packed copies on a GPU, no cache above its limit, and fewer activations with recomputing', () => {
    const { memory } = planOf(recipe(['device=cuda', 'rollout.cacheBytes=20000', 'objective.useRecompute=true']), tiny)
    expect(memory.packedCopies).toBe(0)
    expect(memory.kvCache).toBe(18_432) // 9 blocks of 2,048 bytes fit into the limit
    expect(memory.activations).toBe(4 * 100 * (2 * 16 + 188 + 36))
    // Gradients of the product, gate and up, of 24 each, and of the layer's input and the sum within it.
    expect(memory.backward).toBe(4 * 100 * (3 * 24 + 2 * 16))
  })
})

test('the activations are what a forward pass really keeps', async () => {
  const shape = { ...tiny, vocabularySize: 64, width: 64, feedForwardWidth: 96, headSize: 32 }
  const rest = { maxPositions: 101, normEpsilon: 1e-6, ropeTheta: 10_000, initializerRange: 0.1 }
  using model = createModel({ ...shape, ...rest }, { seed: 1 })
  const samples = Array.from({ length: 20 }, () => ({ promptTokens: [1], answerTokens: new Array(100).fill(2) }))
  const [batch] = microBatches(samples, { maxTokens: 2000 })
  const keptBy = async () => {
    const before = memoryStats().usedBytes
    const kept = scope(() => answerLogprobs(model, batch as NonNullable<typeof batch>, { temperature: 1 }))
    await kept.logprobs.toArray()
    const bytes = memoryStats().usedBytes - before
    kept.logprobs.dispose()
    kept.entropy.dispose()
    return bytes
  }
  await keptBy() // packs the weights
  const whole = ['objective.tokensPerMicroBatch=2000', 'rollout.promptsPerStep=40'] // a mini-batch has more tokens than that
  const { activations } = planOf(recipe(whole), shape).memory
  const ratio = (await keptBy()) / activations
  expect(ratio).toBeGreaterThanOrEqual(1)
  expect(ratio).toBeLessThan(1.05) // indices of the batch, and sizes that the allocator rounds up
})

describe('the published recipe', () => {
  const load = () => loadRecipe(join(root, 'recipes/deepscaler-1.5b.yaml'), { mayLackFiles: true })

  test('is planned without its model and data', async () => {
    const plan = await planRecipe(await load())
    expect(plan.numParameters).toBe(1_777_088_000)
    const stages = plan.stages.map((s) => [s.maxSteps, s.maxResponseTokens, s.promptsPerStep, s.numAnswers])
    expect(stages).toEqual([
      [1040, 8192, 128, 8],
      [480, 16384, 128, 16],
      [230, 24576, 128, 16],
    ])
    for (const stage of plan.stages)
      expect(stage).toMatchObject({ updatesPerStep: 2, learningRate: 1e-6, temperature: 0.6, klWeight: 0.001 })
    expect(planText(plan)).toMatch(/^deepscaler-1\.5b: 1\.78B parameters on cpu; a plan, nothing is run\n/)
    expect(planText(plan)).toMatch(/\n3 +230 +24576 +128 × 16 +≤ 50\.33M +2 +optimizer, dataOrder, reference\n/)
    expect(planText(plan)).toMatch(/\nweights +7\.11\n/)
  })

  test('asks as the authors did', async () => {
    const { data, rollout, reward, objective, optimizer, schedule, evaluation } = (await load()).recipe
    expect(data.prompt).toBe("{problem} Let's think step by step and output the final answer within \\boxed{}.")
    expect(Object.keys(data.heldOutSets ?? {})).toEqual(['aime-2024', 'amc', 'math-500', 'minerva', 'olympiad-bench'])
    expect(rollout).toMatchObject({ temperature: 0.6, topK: 0, topP: 1, maxPromptTokens: 1024 })
    expect(reward).toMatchObject({ kind: 'math', mode: 'deepscaler', needsThinkingClosed: true })
    expect(objective).toMatchObject({
      ...{ clipLow: 0.2, clipHigh: 0.2, aggregation: 'token', normalize: 'std', maxGradNorm: 1 },
      ...{ klWeight: 0.001, klEstimator: 'k3', entropyWeight: 0.001 },
      ...{ miniBatches: 2, passes: 1, tokensPerMicroBatch: 32_768, useRecompute: true },
    })
    expect(optimizer).toMatchObject({ learningRate: 1e-6, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 })
    expect(schedule.stages.map(({ reset }) => reset)).toEqual([
      undefined,
      ['optimizer', 'dataOrder', 'reference'],
      ['optimizer', 'dataOrder', 'reference'],
    ])
    expect(evaluation).toEqual({
      ...{ numProblems: 675, samplesPerProblem: 16, maxResponseTokens: 32_768 },
      ...{ temperature: 0.6, topK: 0, topP: 0.95 },
    })
  })

  test('cannot be planned without config.json and without a shape', async () => {
    const loaded = await load()
    const { shape: _, ...model } = loaded.recipe.model
    await expect(planRecipe({ ...loaded, recipe: { ...loaded.recipe, model } })).rejects.toMatchObject({
      code: 'RecipeError',
      message: expect.stringMatching(/config\.json, or model\.shape to plan without it, got neither/),
    })
  })
})
