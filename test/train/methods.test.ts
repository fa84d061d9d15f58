// Every method against numbers worked by hand, from rewards to the loss: advantages, ratios, clips and denominators together.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupAdvantages } from '../../lib/grpo/advantage.js'
import { accumulateGradients } from '../../lib/grpo/objective.js'
import type { Sample } from '../../lib/grpo/sample.js'
import { createModel } from '../../lib/models/create.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { fill } from '../../lib/ops/index.js'
import { objectiveOf } from '../../lib/train/objective.js'
import { methodNames } from '../../lib/train/recipe/methods.js'
import { objectiveSection } from '../../lib/train/recipe/objective.js'

// A model of zeros gives each of 19 tokens log π = −λ.
const lambda = Math.log(19)
let zeros: Decoder
beforeAll(() => {
  zeros = createModel(
    {
      ...{ vocabularySize: 19, width: 16, feedForwardWidth: 24, numLayers: 1, numHeads: 2, numKvHeads: 1, headSize: 8 },
      ...{ maxPositions: 64, normEpsilon: 1e-6, ropeTheta: 10_000, isHeadTied: true, initializerRange: 0.3 },
    },
    { seed: 1 },
  )
  for (const parameter of zeros.parameters()) fill(parameter, 0)
})
afterAll(() => zeros.dispose())

// Group 1: reward 1 with ratios 4 and 1, reward 0 with ratio 1/2. Group 2: reward 1 twice, ratio 1. Five tokens, four answers.
const rewards = [
  [1, 0],
  [1, 1],
]
const ratios = [
  [[4, 1], [0.5]],
  [[1], [1]],
]
const maxResponseTokens = 10
// To a reference of half the probability every token's k3 is e^−ln 2 + ln 2 − 1.
const k3 = 0.5 + Math.log(2) - 1

async function lossOf(section: Record<string, unknown>, { maxTokens }: { maxTokens: number }): Promise<number> {
  const settings = objectiveSection.parse(section)
  const { baseline, normalize } = settings
  const lengths = ratios.map((group) => group.map(({ length }) => length))
  const advantages = await groupAdvantages(rewards, { baseline, normalize, lengths })
  const samples = ratios.flatMap((group, i) =>
    group.map(
      (ofTokens, j): Sample => ({
        ...{ promptTokens: [3], answerTokens: ofTokens.map((_, t) => t + 4), advantage: advantages[i]?.[j] as number },
        rolloutLogprobs: ofTokens.map((ratio) => -lambda - Math.log(ratio)),
        referenceLogprobs: ofTokens.map(() => -lambda - Math.log(2)),
      }),
    ),
  )
  const objective = objectiveOf({ ...settings, temperature: 1 })
  const options = { maxTokens, maxResponseTokens, mustBeOnPolicy: false }
  const { loss } = await accumulateGradients(zeros, samples, objective, options)
  for (const parameter of zeros.parameters()) parameter.grad = null
  return loss
}

// Group 1 has mean 1/2 and deviation √(1/2): its advantages are ±a. Group 2 has equal rewards, and where a group's mean is
// subtracted advantages 0.
const a = 0.5 / (Math.SQRT1_2 + 1e-6)
// The first answer's ratios clipped above are 1.2 and 1, the second's 0.8: ℓ = −1.2a, −a and 0.8a.
const sumOfLosses = -1.2 * a - a + 0.8 * a

const table: Record<string, { section: Record<string, unknown>; loss: number }> = {
  'without a method': { section: {}, loss: sumOfLosses / 5 },
  // Means −1.1a, 0.8a, 0 and 0 over answers, and the KL term of every token.
  grpo: { section: { method: 'grpo' }, loss: (-1.1 * a + 0.8 * a) / 4 + 0.04 * k3 },
  // A = ±1/2, over 4 answers of at most 10 tokens.
  'dr-grpo': { section: { method: 'dr-grpo' }, loss: (-1.2 - 1 + 0.8) / 2 / (4 * 10) },
  // Clipped above at 1.28.
  dapo: { section: { method: 'dapo' }, loss: (-1.28 * a - a + 0.8 * a) / 5 },
  // Geometric means 2 and 1/2, clipped to 1.0004 and 0.9997.
  gspo: { section: { method: 'gspo' }, loss: (-1.0004 * a + 0.9997 * a) / 4 },
  // −clip(r, 0, 5)·A·log π with log π = −λ: 4aλ + aλ − aλ/2.
  cispo: { section: { method: 'cispo' }, loss: (4.5 * a * lambda) / 5 },
  // A = 2/1 · ±1/2; the answers' own ratios 4 and 1/2, clipped to 1.2 and 0.8.
  rloo: { section: { method: 'rloo' }, loss: (-1.2 + 0.8) / 4 },
  // Rewards by token 1, 1, 0, 1, 1: mean 0.8, variance (4·0.04 + 0.64)/4 = 0.2; A = 0.2/√0.2 and −0.8/√0.2.
  'reinforce++': {
    section: { method: 'reinforce++' },
    loss: (-2.2 * 0.2 + 0.8 * 0.8 - 2 * 0.2) / (Math.sqrt(0.2) + 1e-6) / 5,
  },
  // 0.5, 0.5, −0.5, 0, 0: mean 0.1, variance (2·0.16 + 0.36 + 2·0.01)/4 = 0.175; A = 0.4, −0.6 and −0.1 over √0.175.
  'reinforce++-baseline': {
    section: { method: 'reinforce++-baseline' },
    loss: (-2.2 * 0.4 + 0.8 * 0.6 + 2 * 0.1) / (Math.sqrt(0.175) + 1e-6) / 5,
  },
  // All rewards 1, 0, 1, 1: mean 3/4, variance (3/16 + 9/16)/3 = 1/4. A = ±1/2 over 1/2.
  'normalize: batch': { section: { normalize: 'batch' }, loss: (-1.2 - 1 + 0.8) / (1 + 2e-6) / 5 },
}

describe('the loss worked by hand', () => {
  test.each(Object.entries(table))('%s', async (_, { section, loss }) => {
    expect(await lossOf(section, { maxTokens: 1000 })).toBeCloseTo(loss, 5)
    // One denominator for all: micro-batches of an answer each change nothing.
    expect(await lossOf(section, { maxTokens: 1 })).toBeCloseTo(loss, 5)
  })

  // Token means of the four answers −1.1a, 0.8a, 0 and 0: those without a gradient count among them.
  test.each([
    ['bnpo, the mean of the micro-batches’ means', { method: 'bnpo' }, (-1.1 * a + 0.8 * a) / 4],
    ['the mode deepscaler, their sum', { mode: 'deepscaler' }, -1.1 * a + 0.8 * a],
  ])('%s', async (_, section, loss) => {
    expect(await lossOf(section, { maxTokens: 1 })).toBeCloseTo(loss, 5)
    expect(await lossOf(section, { maxTokens: 1000 })).toBeCloseTo(sumOfLosses / 5, 5)
    // The first group goes into one micro-batch of its three tokens, the second of its two.
    const twoMeans = sumOfLosses / 3
    const inTwo = 'mode' in section ? twoMeans : twoMeans / 2
    expect(await lossOf(section, { maxTokens: 3 })).toBeCloseTo(inTwo, 5)
  })

  test('of every method there is', () => {
    expect([...Object.keys(table), 'bnpo']).toEqual(expect.arrayContaining([...methodNames]))
  })
})
