// A whole GRPO step on given samples and rewards (advantages, two mini-batches, clip, gradient clipping, AdamW) against the
// same in plain PyTorch on the same checkpoint: see make_parity.py.
import { describe, expect, test } from 'vitest'
import { groupAdvantages } from '../../lib/grpo/advantage.js'
import { splitEvenly } from '../../lib/grpo/batch.js'
import { scoreAnswers } from '../../lib/grpo/forward.js'
import { accumulateGradients, denominatorOf, type Objective } from '../../lib/grpo/objective.js'
import type { Completion, Sample } from '../../lib/grpo/sample.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { loadDecoder, weightsOf } from '../../lib/models/load.js'
import { AdamW } from '../../lib/optim/adamw.js'
import { type FixtureName, fixtureFolder } from '../models/fixtures.js'
import { readJson, readTensors, relativeError } from './compare.js'

interface Answer extends Completion {
  reward: number
  /** Given where the step is off policy. */
  rolloutLogprobs?: number[]
  referenceLogprobs?: number[]
}

interface Update {
  loss: number
  gradientNorm: number
  /** Mean over the tokens. */
  ratio: number
}

interface Fixture {
  options: {
    model: FixtureName
    isOnPolicy: boolean
    temperature: number
    clipLow: number
    clipHigh: number
    aggregation: 'token' | 'sequence'
    klWeight: number
    entropyWeight: number
    learningRate: number
    weightDecay: number
    betas: [number, number]
    eps: number
    maxGradNorm: number
  }
  numMiniBatches: number
  groups: Answer[][]
  updates: Update[]
}

async function samplesOf(model: Decoder, { groups, options }: Fixture): Promise<Sample[][]> {
  const { temperature } = options
  const advantages = await groupAdvantages(groups.map((group) => group.map(({ reward }) => reward)))
  return Promise.all(
    groups.map(async (group, i) => {
      const own = await scoreAnswers(model, group, { temperature, maxTokens: 100 })
      return group.map((answer, j) => ({
        ...answer,
        rolloutLogprobs: answer.rolloutLogprobs ?? (own[j] as Float32Array),
        advantage: advantages[i]?.[j] as number,
      }))
    }),
  )
}

/** Trains the model in place. */
async function train(
  model: Decoder,
  fixture: Fixture,
  { maxTokens, isFiltered }: { maxTokens: number; isFiltered: boolean },
): Promise<Update[]> {
  const { temperature, clipLow, clipHigh, aggregation, klWeight, entropyWeight, ...rest } = fixture.options
  const objective: Objective = { temperature, clipLow, clipHigh, aggregation, klWeight, entropyWeight }
  const [beta1, beta2] = rest.betas
  const { learningRate, weightDecay, eps: epsilon, maxGradNorm } = rest
  using optimizer = new AdamW(model.parameters(), { learningRate, beta1, beta2, epsilon, weightDecay })
  const updates: Update[] = []
  for (const miniBatch of splitEvenly(await samplesOf(model, fixture), fixture.numMiniBatches)) {
    const all = miniBatch.flat()
    const learned = isFiltered ? all.filter(({ advantage }) => advantage !== 0) : all
    const { loss, ratio } = await accumulateGradients(model, learned, objective, {
      maxTokens,
      mustBeOnPolicy: rest.isOnPolicy && updates.length === 0,
      denominator: denominatorOf(all, aggregation),
    })
    updates.push({ loss, ratio, gradientNorm: await optimizer.step({ maxGradNorm }).item() })
    optimizer.zeroGrad()
  }
  return updates
}

const weightsIn = async (model: Decoder): Promise<Map<string, Float32Array>> =>
  new Map(
    await Promise.all(
      [...weightsOf(model)].map(async ([name, weight]) => [name, (await weight.toArray()) as Float32Array] as const),
    ),
  )

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0))

const load = (fixture: Fixture) => loadDecoder(fixtureFolder(fixture.options.model))

describe.each(['on-policy', 'off-policy'])('a step %s', (name) => {
  const fixture = readJson<Fixture>(`step-${name}.json`)

  /** The weights are close, and so is what the step changed: it is small beside them. */
  async function expectWeights(model: Decoder, before: Map<string, Float32Array>): Promise<void> {
    const after = await weightsIn(model)
    const expected = await readTensors(`step-${name}.safetensors`)
    expect([...after.keys()].sort()).toEqual([...expected.keys()].sort())
    for (const [key, weight] of after) {
      const ofPytorch = expected.get(key) as Float32Array
      const start = before.get(key) as Float32Array
      expect(relativeError(weight, ofPytorch), key).toBeLessThan(1e-5)
      expect(distance(weight, ofPytorch) / distance(ofPytorch, start), key).toBeLessThan(1e-3)
    }
  }

  test.each([1000, 50])('leaves the weights of PyTorch, in micro-batches of %i tokens', async (maxTokens) => {
    using model = await load(fixture)
    const before = await weightsIn(model)
    const updates = await train(model, fixture, { maxTokens, isFiltered: false })
    await expectWeights(model, before)
    expect(updates).toHaveLength(fixture.updates.length)
    for (const [i, update] of updates.entries()) {
      const ofPytorch = fixture.updates[i] as Update
      expect(Math.abs(update.loss - ofPytorch.loss)).toBeLessThan(1e-5)
      expect(Math.abs(update.ratio - ofPytorch.ratio)).toBeLessThan(1e-5)
      expect(Math.abs(update.gradientNorm / ofPytorch.gradientNorm - 1)).toBeLessThan(1e-5)
    }
  })

  const { klWeight, entropyWeight } = fixture.options
  const isAdvantageAll = klWeight === 0 && entropyWeight === 0
  if (isAdvantageAll)
    test('leaves them too where answers of advantage 0 are left out', async () => {
      using model = await load(fixture)
      const before = await weightsIn(model)
      await train(model, fixture, { maxTokens: 1000, isFiltered: true })
      await expectWeights(model, before)
    })
})
