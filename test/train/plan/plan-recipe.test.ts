import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildModel, buildTokenizer } from '../../../lib/train/build.js'
import { planRecipe } from '../../../lib/train/plan/plan-recipe.js'
import { parseRecipe } from '../../../lib/train/recipe/recipe.js'
import { fixtureFolder } from '../../models/fixtures.js'

const file = join(import.meta.dirname, 'r.yaml')
const shape = 'vocabularySize: 64, hiddenSize: 32, intermediateSize: 48, numLayers: 2, numHeads: 4, numKeyValueHeads: 2'

const ofFolder = (...set: string[]) => ({
  file,
  recipe: parseRecipe(
    `name: tiny
model: { path: ${fixtureFolder('qwen2-tied-grouped')} }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 4, maxPromptTokens: 8 }
schedule: { stages: [{ maxResponseTokens: 20 }] }
`,
    file,
    { set },
  ),
})

test('a folder’s plan is that of its config.json', async () => {
  expect((await planRecipe(ofFolder())).numParameters).toBeGreaterThan(0)
})

test.each<[string, string[], string, RegExp]>([
  ['a dtype', ['dtype=bf16'], 'UnsupportedError', /this version trains in f32 only, got dtype bf16/],
  ['a device', ['device=cuda'], 'UnsupportedError', /no CUDA backend; supported devices: cpu/],
  [
    'answers that the model has no positions for',
    ['schedule.stages.0.maxResponseTokens=4096'],
    'RecipeError',
    /expected room for 4104 tokens, the sum of .*, got the model's 128 positions/,
  ],
  [
    'a shape that config.json contradicts',
    [`model.shape={ ${shape}, tieEmbeddings: false }`],
    'RecipeError',
    /expected a model of \w+ \w+ in model\.path, got \w+/,
  ],
])('a plan is refused for %s that a run would refuse', async (_, set, code, message) => {
  const loaded = ofFolder(...set)
  const refusal = { code, message: expect.stringMatching(message) }
  await expect(planRecipe(loaded)).rejects.toMatchObject(refusal)
  await expect(buildModel(loaded, undefined as never)).rejects.toMatchObject(refusal)
})

test.each<[string, string, string]>([
  [
    'heads that do not divide the width',
    shape.replace('hiddenSize: 32', 'hiddenSize: 500').replace('numHeads: 4', 'numHeads: 7'),
    'expected numHeads = 7 times a multiple of 8 up to 256 for model.shape.hiddenSize, got 500',
  ],
  [
    'K/V heads that do not divide the heads',
    shape.replace('numHeads: 4, numKeyValueHeads: 2', 'numHeads: 4, numKeyValueHeads: 3'),
    'expected a divisor of numHeads = 4 for model.shape.numKeyValueHeads, got 3',
  ],
  ['a head size of no kernel', `${shape}, headSize: 12`, 'a multiple of 8 up to 256 for model.shape.headSize, got 12'],
])('a shape with %s is an error', (_, shape, message) => {
  expect(() => ofFolder(`model.shape={ ${shape}, tieEmbeddings: true }`)).toThrow(message)
})

const created = (...set: string[]) => ({
  file,
  recipe: parseRecipe(
    `name: tiny
model: { create: { hiddenSize: 32, intermediateSize: 48, numLayers: 2, numHeads: 4, numKeyValueHeads: 2 } }
data: { synthetic: { generator: digit-recurrence } }
rollout: { promptsPerStep: 4, maxPromptTokens: 8 }
schedule: { stages: [{ maxResponseTokens: 20 }] }
`,
    file,
    { set: set.map((setting) => `model.create.${setting}`) },
  ),
})
const llama3 = 'ropeScaling={ type: llama3, factor: 8, originalMaxPositions: 64'

test('a model of any family can be made, with heads of their own size and stretched positions', async () => {
  const loaded = created(
    'family=qwen3',
    'headSize=16',
    'ropeScaling={ type: yarn, factor: 4, originalMaxPositions: 64 }',
  )
  using qwen3 = await buildModel(loaded, await buildTokenizer(loaded))
  expect(qwen3.config).toMatchObject({ family: 'qwen3', headSize: 16, ropeScaling: { type: 'yarn', betaFast: 32 } })
  expect(qwen3.namedParameters().has('layers.0.attention.queryNorm.weight')).toBe(true)
  const numParameters = qwen3.parameters().reduce((sum, { numElements }) => sum + numElements, 0)
  expect((await planRecipe(loaded)).numParameters).toBe(numParameters)
  const ofLlama = created('family=llama', `${llama3} }`)
  using llama = await buildModel(ofLlama, await buildTokenizer(ofLlama))
  expect(llama.config).toMatchObject({
    ...{ family: 'llama', headSize: 8 },
    ropeScaling: { type: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalMaxPositions: 64 },
  })
})

test.each<[string, string]>([
  [`${llama3}, betaFast: 1 }`, 'expected no betaFast in ropeScaling of type llama3'],
  ['ropeScaling={ type: yarn, factor: 4 }', 'expected originalMaxPositions in ropeScaling of type yarn'],
  [`${llama3}, highFrequencyFactor: 1 }`, 'expected highFrequencyFactor above lowFrequencyFactor = 1, got 1'],
  ['ropeScaling={ type: cubic, factor: 4 }', 'expected one of linear, llama3, yarn for model.create.ropeScaling.type'],
  ['headSize=12', 'expected a multiple of 8 up to 256 for model.create.headSize, got 12'],
])('a model to be made with %s is refused', (setting, message) => {
  expect(() => created(setting)).toThrow(message)
})
