import { afterAll, describe, expect, it } from 'vitest'
import { groupAdvantages } from '../../lib/grpo/advantage.js'
import { microBatches } from '../../lib/grpo/batch.js'
import { scoreAnswers } from '../../lib/grpo/forward.js'
import { accumulateGradients, LossError, type Objective } from '../../lib/grpo/objective.js'
import { OffPolicyError } from '../../lib/grpo/on-policy.js'
import { denominatorOf } from '../../lib/grpo/passes.js'
import type { Sample } from '../../lib/grpo/sample.js'
import { createModel } from '../../lib/models/create.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { fill } from '../../lib/ops/index.js'
import { AdamW } from '../../lib/optim/adamw.js'

const tinyModel = (seed = 1): Decoder =>
  createModel(
    {
      vocabularySize: 19,
      width: 16,
      feedForwardWidth: 24,
      numLayers: 2,
      numHeads: 2,
      numKvHeads: 1,
      headSize: 8,
      maxPositions: 64,
      normEpsilon: 1e-6,
      ropeTheta: 10_000,
      isHeadTied: true,
      initializerRange: 0.3,
    },
    { seed },
  )

const model = tinyModel()
afterAll(() => model.dispose())

const objective: Objective = { temperature: 0.8 }
const pass = { maxTokens: 1000, mustBeOnPolicy: true }
const tokensOf = (length: number, seed: number) => Array.from({ length }, (_, i) => (seed * 7 + i * 5 + i * i) % 19)

/** Prompts and answers of many lengths, with the log-probabilities that the model gives them. */
async function samplesOf(of: Decoder, advantages: readonly number[]): Promise<Sample[]> {
  const completions = advantages.map((_, i) => ({
    promptTokens: tokensOf(1 + ((3 * i) % 7), i),
    answerTokens: tokensOf(1 + ((5 * i) % 11), i + 50),
  }))
  const scores = await scoreAnswers(of, completions, { temperature: objective.temperature, maxTokens: 40 })
  return completions.map((completion, i) => ({
    ...completion,
    rolloutLogprobs: scores[i] as Float32Array,
    advantage: advantages[i] as number,
  }))
}

async function gradientsOf(of: Decoder): Promise<Map<string, Float32Array>> {
  const gradients = new Map<string, Float32Array>()
  for (const [name, parameter] of of.namedParameters()) {
    if (parameter.grad) gradients.set(name, (await parameter.grad.toArray()) as Float32Array)
    parameter.grad?.dispose()
    parameter.grad = null
  }
  return gradients
}

function largestDifference(a: Map<string, Float32Array>, b: Map<string, Float32Array>): number {
  expect([...a.keys()]).toEqual([...b.keys()])
  let largest = 0
  for (const [name, values] of a) {
    const others = b.get(name) as Float32Array
    const scale = others.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(scale).toBeGreaterThan(0)
    values.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - (others[i] as number)) / scale)
    })
  }
  return largest
}

const advantages = [1, -1, 0.5, -0.25, 2, -2, 0.75]

describe('a pass over a mini-batch', () => {
  it('finds the very log-probabilities it was given before the first update', async () => {
    const samples = await samplesOf(model, advantages)
    const stats = await accumulateGradients(model, samples, objective, pass)
    await gradientsOf(model)
    const numTokens = samples.reduce((sum, { answerTokens }) => sum + answerTokens.length, 0)
    expect(stats).toMatchObject({
      maxLogprobDifference: 0,
      ratio: 1,
      rolloutKl: 0,
      clipFractionLow: 0,
      clipFractionHigh: 0,
      numTokens,
      numSequences: samples.length,
    })
    // On policy every ratio is 1: the loss is the mean of −A over tokens.
    const expected =
      samples.reduce((sum, { answerTokens, advantage }) => sum - advantage * answerTokens.length, 0) / numTokens
    expect(stats.loss).toBeCloseTo(expected, 5)
    expect(stats.entropy).toBeGreaterThan(0)
    expect(stats.entropy).toBeLessThan(Math.log(19))
  })

  it.each(['token', 'sequence'] as const)(
    'gives the same gradient in micro-batches as in one, by %s',
    async (aggregation) => {
      const samples = await samplesOf(model, advantages)
      const withKl = samples.map((sample) => ({
        ...sample,
        referenceLogprobs: Array.from(sample.rolloutLogprobs, (p) => p - 0.1),
      }))
      const full: Objective = { ...objective, aggregation, klWeight: 0.1, entropyWeight: 0.01 }
      const one = await accumulateGradients(model, withKl, full, pass)
      const gradients = await gradientsOf(model)
      for (const maxTokens of [1, 20, 33]) {
        const several = await accumulateGradients(model, withKl, full, { ...pass, maxTokens })
        expect(largestDifference(await gradientsOf(model), gradients)).toBeLessThan(1e-6)
        expect(several.loss).toBeCloseTo(one.loss, 5)
        expect(several.entropy).toBeCloseTo(one.entropy, 5)
        expect(several.numTokens).toBe(one.numTokens)
      }
    },
  )

  it('gives the same bits twice, and when layers are recomputed in backward', async () => {
    const samples = await samplesOf(model, advantages)
    await accumulateGradients(model, samples, objective, pass)
    const gradients = await gradientsOf(model)
    await accumulateGradients(model, samples, objective, pass)
    expect(largestDifference(await gradientsOf(model), gradients)).toBe(0)
    await accumulateGradients(model, samples, objective, { ...pass, useRecompute: true })
    expect(largestDifference(await gradientsOf(model), gradients)).toBe(0)
  })

  it('may leave out samples of advantage 0 where the denominator counts them', async () => {
    const samples = await samplesOf(model, [1, 0, -1, 0, 0.5])
    await accumulateGradients(model, samples, objective, pass)
    const gradients = await gradientsOf(model)
    const denominator = denominatorOf(samples)
    const kept = samples.filter(({ advantage }) => advantage !== 0)
    await accumulateGradients(model, kept, objective, { ...pass, denominator })
    expect(largestDifference(await gradientsOf(model), gradients)).toBeLessThan(1e-6)
  })

  it('leaves masked samples out, and out of every denominator', async () => {
    const samples = await samplesOf(model, advantages)
    const isMasked = (_: Sample, i: number) => i % 3 === 1
    // What is masked may hold anything.
    const masked = samples.map((sample, i) =>
      isMasked(sample, i) ? { ...sample, isMasked: true, advantage: Number.NaN, rolloutLogprobs: [] } : sample,
    )
    const kept = samples.filter((sample, i) => !isMasked(sample, i))
    const options = { ...pass, maxTokens: 30, maxResponseTokens: 64 }
    for (const aggregation of ['token', 'sequence', 'constant'] as const)
      for (const microBatches of ['whole', 'mean', 'sum'] as const) {
        const full: Objective = { ...objective, aggregation, microBatches, entropyWeight: 0.01 }
        const stats = await accumulateGradients(model, kept, full, options)
        const gradients = await gradientsOf(model)
        expect(await accumulateGradients(model, masked, full, options)).toEqual(stats)
        expect(largestDifference(await gradientsOf(model), gradients)).toBe(0)
      }
    const all = samples.map((sample) => ({ ...sample, isMasked: true }))
    expect(await accumulateGradients(model, all, objective, pass)).toMatchObject({ loss: 0, numSequences: 0 })
  })

  it('adds or averages the gradients of micro-batches by themselves, samples without one counted', async () => {
    const samples = await samplesOf(model, [1, 0, -1, 0, 0, 0, 0.5])
    const parts = microBatches(samples, { maxTokens: 24 })
    expect(parts.map((part) => part.samples.length)).toEqual([2, 2, 2, 1])
    let loss = 0
    for (const part of parts) loss += (await accumulateGradients(model, part.samples, objective, pass)).loss
    const added = await gradientsOf(model)
    const options = { ...pass, maxTokens: 24 }
    const sum = await accumulateGradients(model, samples, { ...objective, microBatches: 'sum' }, options)
    expect(largestDifference(await gradientsOf(model), added)).toBe(0)
    expect(sum.loss).toBe(loss)
    const mean = await accumulateGradients(model, samples, { ...objective, microBatches: 'mean' }, options)
    const averaged = new Map([...added].map(([name, values]) => [name, values.map((value) => value / parts.length)]))
    expect(largestDifference(await gradientsOf(model), averaged)).toBe(0) // a fourth is exact
    expect(mean.loss).toBe(loss / parts.length)
  })

  it('needs the limit for a constant denominator', async () => {
    const samples = await samplesOf(model, advantages)
    const constant: Objective = { ...objective, aggregation: 'constant' }
    await expect(accumulateGradients(model, samples, constant, pass)).rejects.toThrow(
      "[grpo] expected maxResponseTokens beside the aggregation 'constant', got none",
    )
    const { loss } = await accumulateGradients(model, samples, constant, { ...pass, maxResponseTokens: 64 })
    await gradientsOf(model)
    const total = samples.reduce((sum, { answerTokens, advantage }) => sum - advantage * answerTokens.length, 0)
    expect(loss).toBeCloseTo(total / (samples.length * 64), 6)
  })

  it('is right on an example worked by hand', async () => {
    // A model of zeros gives each of 19 tokens log-probability −ln 19. Two answers of 2 and 1 tokens, advantages 1 and −2:
    //   rollout −ln 19 − ln 1.5 for the first token: ratio 1.5, clipped to 1.2: ℓ = −1.2; the second on policy: ℓ = −1.
    //   The second answer: rollout −ln 19 + ln 2, ratio 0.5, clipped to 0.8: ℓ = −min(0.5 · −2, 0.8 · −2) = 1.6.
    // 'token': (−1.2 − 1 + 1.6) / 3 = −0.2. 'sequence': (−1.1 + 1.6) / 2 = 0.25. Entropy ln 19.
    const zeros = tinyModel()
    for (const parameter of zeros.parameters()) fill(parameter, 0)
    const uniform = -Math.log(19)
    const samples: Sample[] = [
      { promptTokens: [3, 4], answerTokens: [5, 6], rolloutLogprobs: [uniform - Math.log(1.5), uniform], advantage: 1 },
      { promptTokens: [7], answerTokens: [8], rolloutLogprobs: [uniform + Math.log(2)], advantage: -2 },
    ]
    const off = { ...pass, mustBeOnPolicy: false }
    const byToken = await accumulateGradients(zeros, samples, { temperature: 1 }, off)
    expect(byToken.loss).toBeCloseTo(-0.2, 5)
    expect(byToken.entropy).toBeCloseTo(Math.log(19), 5)
    expect(byToken.clipFractionHigh).toBeCloseTo(1 / 3, 6)
    expect(byToken.clipFractionLow).toBeCloseTo(1 / 3, 6)
    expect(byToken.ratio).toBeCloseTo((1.5 + 1 + 0.5) / 3, 5)
    expect(byToken.maxLogprobDifference).toBeCloseTo(Math.log(2), 5)
    expect(byToken.numInputTokens).toBe(4)
    const bySequence = await accumulateGradients(zeros, samples, { temperature: 1, aggregation: 'sequence' }, off)
    expect(bySequence.loss).toBeCloseTo(0.25, 5)
    const withEntropy = await accumulateGradients(zeros, samples, { temperature: 1, entropyWeight: 0.5 }, off)
    expect(withEntropy.loss).toBeCloseTo(-0.2 - 0.5 * Math.log(19), 5)
    zeros.dispose()
  })

  it('names the first token whose log-probability is not that of the rollout', async () => {
    const samples = await samplesOf(model, advantages)
    const changed = samples.map((sample, i) => {
      const rolloutLogprobs = Float32Array.from(sample.rolloutLogprobs)
      if (i === 4) rolloutLogprobs[2] = (rolloutLogprobs[2] as number) * (1 + 2 ** -23)
      return { ...sample, rolloutLogprobs }
    })
    for (const maxTokens of [20, 1000]) {
      const run = accumulateGradients(model, changed, objective, { ...pass, maxTokens })
      await expect(run).rejects.toThrow(OffPolicyError)
      await expect(run).rejects.toThrow(/at answer token 2 of sample 4: 1 of \d+ tokens/)
    }
    await expect(
      accumulateGradients(model, changed, objective, { ...pass, mustBeOnPolicy: false }),
    ).resolves.toBeTruthy()
    await gradientsOf(model)
  })

  it('names the samples whose loss is no number', async () => {
    const broken = tinyModel()
    const samples = await samplesOf(broken, advantages)
    fill(broken.norm.weight, Number.NaN)
    const run = accumulateGradients(broken, samples, objective, { ...pass, mustBeOnPolicy: false })
    await expect(run).rejects.toThrow(LossError)
    await expect(run).rejects.toThrow('[grpo] the loss of samples 0 to 6 is NaN')
    broken.dispose()
  })

  it('says so too where the log-probabilities must be those of the rollout', async () => {
    const broken = tinyModel()
    const samples = await samplesOf(broken, advantages)
    fill(broken.norm.weight, Number.NaN)
    const run = accumulateGradients(broken, samples, objective, { ...pass, mustBeOnPolicy: true })
    await expect(run).rejects.toThrow(LossError)
    broken.dispose()
  })

  it('is off policy after an update, and raises the log-probability of what was better', async () => {
    const learner = tinyModel(3)
    const samples = await samplesOf(learner, [1, -1])
    const optimizer = new AdamW(learner.parameters(), { learningRate: 1e-3, weightDecay: 0 })
    await accumulateGradients(learner, samples, objective, pass)
    optimizer.step().dispose()
    optimizer.zeroGrad()
    const after = await scoreAnswers(learner, samples, { temperature: objective.temperature, maxTokens: 99 })
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(after[0] as Float32Array)).toBeGreaterThan(mean((samples[0] as Sample).rolloutLogprobs))
    expect(mean(after[1] as Float32Array)).toBeLessThan(mean((samples[1] as Sample).rolloutLogprobs))
    await expect(accumulateGradients(learner, samples, objective, pass)).rejects.toThrow(OffPolicyError)
    learner.dispose()
  })

  it('has nothing to do without samples', async () => {
    expect(await accumulateGradients(model, [], objective, pass)).toMatchObject({ loss: 0, numTokens: 0, entropy: 0 })
  })
})

describe('groupAdvantages', () => {
  it('compares each answer with its group, whatever the sizes', async () => {
    // Mean 1/4 of (1, 0, 0, 0), deviation with n − 1: 1/2.
    const [first, equal, alone, empty] = await groupAdvantages([[1, 0, 0, 0], [1, 1], [1], []])
    expect(first?.[0]).toBeCloseTo(1.5, 4)
    for (const value of first?.slice(1) ?? []) expect(value).toBeCloseTo(-0.5, 4)
    expect([equal, alone, empty]).toEqual([[0, 0], [0], []])
    expect(await groupAdvantages([[1, 0]], { normalize: 'none' })).toEqual([[0.5, -0.5]])
  })

  it('runs on the device asked for', async () => {
    expect(await groupAdvantages([[1, 0]], { normalize: 'none', device: 'cpu' })).toEqual([[0.5, -0.5]])
    await expect(groupAdvantages([[1, 0]], { device: 'tpu' })).rejects.toThrow(/\[device\] expected .* got tpu/)
  })
})

describe('scoreAnswers', () => {
  it('gives the same bits whatever is packed together', async () => {
    const samples = await samplesOf(model, advantages)
    const score = (maxTokens: number) => scoreAnswers(model, samples, { temperature: 0.8, maxTokens })
    expect(await score(1)).toEqual(await score(1000))
  })
})
