// Adapters on a decoder: what they change, what they leave alone, and that rollout and training agree to the bit with them.
import { afterEach, describe, expect, it } from 'vitest'
import * as device from '../../../lib/device.js'
import { accumulateGradients } from '../../../lib/grpo/objective.js'
import { copyModel, copyWeights } from '../../../lib/models/copy.js'
import type { Decoder } from '../../../lib/models/decoder.js'
import { weightsOf } from '../../../lib/models/load.js'
import { adaptersOf, applyLora, trainableWeightsOf } from '../../../lib/models/lora/apply.js'
import { shareBase } from '../../../lib/models/lora/share-base.js'
import { pack } from '../../../lib/models/pack.js'
import { AdamW } from '../../../lib/optim/adamw.js'
import { RolloutEngine } from '../../../lib/rollout/engine.js'
import { noGrad } from '../../../lib/tape.js'
import { type InstructionSet, instructionSets, instructionSetsHere } from '../../helpers/instruction-sets.js'
import { codec, packedLogprobs, randomPrompts, tinyModel } from '../../rollout/tiny-model.js'
import { learnSomething } from './adapters.js'

const prompts = randomPrompts([3, 16, 21])
const sequence = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]
const hiddenOf = async (model: Decoder) => Array.from(await noGrad(() => model.forward(pack([sequence]))).toArray())
const valuesOf = (model: Decoder) =>
  Promise.all([...model.namedParameters().values()].map(async (p) => Array.from(await p.toArray())))

const threadsBefore = device.numThreads()
const targetBefore = device.target() as InstructionSet
afterEach(() => {
  device.setNumThreads(threadsBefore)
  device.setTarget(targetBefore)
})

describe('applyLora', () => {
  it('changes nothing of what a model computes until the adapters learn', async () => {
    using model = tinyModel(1)
    const before = await hiddenOf(model)
    applyLora(model, { rank: 3, alpha: 6 })
    expect(await hiddenOf(model)).toEqual(before)
    learnSomething(model)
    expect(await hiddenOf(model)).not.toEqual(before)
  })

  it('begins with values between −1/√in and 1/√in that depend on the seed and the place alone', async () => {
    const firstValues = async (seed: number, targets: string[]) => {
      using model = tinyModel(1)
      applyLora(model, { rank: 4, alpha: 4, seed, targets })
      const values = [...adaptersOf(model)].map(async ([path, { a }]) => [path, Array.from(await a.toArray())] as const)
      return Object.fromEntries(await Promise.all(values))
    }
    const all = await firstValues(1, ['query', 'down'])
    const down = all['layers.1.mlp.down'] as number[]
    const bound = 1 / Math.sqrt(40)
    expect(Math.max(...down.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound))
    expect(Math.max(...down)).toBeGreaterThan(0.9 * bound)
    expect(Math.min(...down)).toBeLessThan(-0.9 * bound)
    expect(down).not.toEqual(all['layers.0.mlp.down'])
    expect((await firstValues(1, ['down_proj']))['layers.1.mlp.down']).toEqual(down)
    expect((await firstValues(2, ['down']))['layers.1.mlp.down']).not.toEqual(down)
  })

  it('freezes the base, and trains the adapters alone, named by their place', () => {
    using model = tinyModel(1)
    const names = [...weightsOf(model).keys()]
    applyLora(model, { rank: 2, alpha: 4, targets: ['gate', 'q_proj'] })
    expect([...trainableWeightsOf(model).keys()]).toEqual(
      [0, 1].flatMap((i) =>
        ['attention.query', 'mlp.gate'].flatMap((path) => ['a', 'b'].map((part) => `layers.${i}.${path}.lora.${part}`)),
      ),
    )
    expect(model.parameters().filter(({ requiresGrad }) => requiresGrad)).toEqual([
      ...trainableWeightsOf(model).values(),
    ])
    expect([...weightsOf(model).keys()]).toEqual(names)
  })

  it.each([
    [{ rank: 0, alpha: 1 }, '[lora] expected a whole number from 1 for rank, got 0'],
    [{ rank: 1.5, alpha: 1 }, '[lora] expected a whole number from 1 for rank, got 1.5'],
    [{ rank: 1, alpha: 0 }, '[lora] expected a positive number for alpha, got 0'],
    [{ rank: 1, alpha: 1, dropout: 1 }, '[lora] expected a number from 0 to below 1 for dropout, got 1'],
    [{ rank: 1, alpha: 1, targets: [] }, '[lora] expected at least one name for targets, got none'],
    [{ rank: 1, alpha: 1, targets: ['quary'] }, 'for targets, got "quary"; did you mean query?'],
  ])('refuses %j', (options, message) => {
    using model = tinyModel(1)
    expect(() => applyLora(model, options)).toThrow(message)
    expect(model.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true)
  })

  it('refuses a model that has adapters', () => {
    using model = tinyModel(1)
    applyLora(model, { rank: 1, alpha: 1 })
    expect(() => applyLora(model, { rank: 1, alpha: 1 })).toThrow('expected a model without adapters')
  })
})

describe('a second decoder', () => {
  it('is copied with its adapters', async () => {
    using model = tinyModel(1)
    applyLora(model, { rank: 2, alpha: 4, targets: ['value'], useRankStabilization: true })
    learnSomething(model)
    using copy = copyModel(model)
    expect(await valuesOf(copy)).toEqual(await valuesOf(model))
    expect(await hiddenOf(copy)).toEqual(await hiddenOf(model))
    using bare = tinyModel(1)
    expect(() => copyWeights(bare, model)).toThrow('got layers.0.attention.value.lora.a in one of them only')
  })

  it.each([true, false])('reads the memory of the first one (tied head: %s)', async (isHeadTied) => {
    using model = tinyModel(1, { isHeadTied, width: 256, headSize: 64, feedForwardWidth: 512, initializerRange: 0.05 })
    const matrixBytes = 4 * model.parameters().reduce((sum, { numElements }) => sum + numElements, 0)
    applyLora(model, { rank: 1, alpha: 2, targets: ['query'] })
    learnSomething(model)
    const expected = await hiddenOf(model)
    const { usedBytes } = device.memoryStats()
    using second = shareBase(model)
    expect(await hiddenOf(second)).toEqual(expected)
    expect(device.memoryStats().usedBytes - usedBytes).toBeLessThan(matrixBytes / 10)
    learnSomething(model)
    expect(await hiddenOf(second)).toEqual(expected)
    second.dispose()
    expect(await hiddenOf(model)).not.toEqual(expected)
  })
})

describe('exactly on policy with adapters', () => {
  const options = { numAnswers: 6, maxResponseTokens: 12, temperature: 1.1, seed: 3 }

  async function rollout(model: Decoder, maxBatch: number) {
    const engine = new RolloutEngine(model, codec, { maxBatch })
    const groups = []
    for await (const group of engine.generate(prompts, options)) groups.push(group)
    engine.release()
    return groups.flatMap(({ promptTokens, answers }) => answers.map((answer) => ({ promptTokens, ...answer })))
  }

  for (const name of instructionSets) {
    const title = `the same bits decoded in batches of 1, 3 and 64 and scored in packs, with the kernels of ${name}`
    it.skipIf(!instructionSetsHere.has(name))(title, async () => {
      using model = tinyModel(5)
      applyLora(model, { rank: 3, alpha: 7 })
      learnSomething(model)
      const expected = await rollout(model, 64)
      device.setTarget(name)
      const logprobs = expected.map(({ rolloutLogprobs }) => [...rolloutLogprobs])
      expect(await packedLogprobs(model, expected, options.temperature)).toEqual(logprobs)
      for (const maxBatch of [1, 3]) expect(await rollout(model, maxBatch)).toEqual(expected)
    })
  }

  it('stays so from update to update, and the base keeps every bit', async () => {
    using model = tinyModel(6)
    applyLora(model, { rank: 4, alpha: 8, seed: 1 })
    const base = await Promise.all([...weightsOf(model).values()].map((weight) => weight.toArray()))
    using optimizer = new AdamW(trainableWeightsOf(model).values(), { learningRate: 3e-3 })
    for (let step = 0; step < 3; step++) {
      const samples = (await rollout(model, 64)).map(({ promptTokens, tokens, rolloutLogprobs }, i) => {
        return { promptTokens, answerTokens: tokens, rolloutLogprobs, advantage: i % 2 === 0 ? 1 : -1 }
      })
      const pass = { maxTokens: 150, mustBeOnPolicy: true, useRecompute: step % 2 === 1 }
      const stats = await accumulateGradients(model, samples, { temperature: options.temperature }, pass)
      expect(stats.maxLogprobDifference).toBe(0)
      optimizer.step({ maxGradNorm: 1 }).dispose()
      optimizer.zeroGrad()
    }
    expect(await Promise.all([...weightsOf(model).values()].map((weight) => weight.toArray()))).toEqual(base)
    const learned = await Promise.all([...adaptersOf(model).values()].map(({ b }) => b.toArray()))
    expect(learned.every((values) => values.some((value) => value !== 0))).toBe(true)
  })
})
