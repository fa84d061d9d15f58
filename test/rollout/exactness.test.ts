// Rollout and training together: the same bits whatever the batch, the threads and the instruction set, update after update.
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { numThreads, setNumThreads, setTarget, target } from '../../lib/device.js'
import { accumulateGradients } from '../../lib/grpo/objective.js'
import type { Sample } from '../../lib/grpo/sample.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { fill } from '../../lib/ops/index.js'
import { AdamW } from '../../lib/optim/adamw.js'
import { type Group, RolloutEngine } from '../../lib/rollout/engine.js'
import { type InstructionSet, instructionSets, instructionSetsHere } from '../helpers/instruction-sets.js'
import { codec, packedLogprobs, randomPrompts, tinyModel } from './tiny-model.js'

const prompts = randomPrompts([3, 16, 21, 40])
const options = { numAnswers: 16, maxResponseTokens: 24, temperature: 1.1, seed: 3 }

async function rollout(model: Decoder, { maxBatch = 64, seed = 3 } = {}): Promise<Group[]> {
  const engine = new RolloutEngine(model, codec, { maxBatch })
  const groups: Group[] = []
  for await (const group of engine.generate(prompts, { ...options, seed })) groups.push(group)
  engine.release()
  return groups
}

const samplesOf = (groups: readonly Group[]): Sample[] =>
  groups.flatMap(({ promptTokens, answers }) =>
    answers.map(({ tokens, rolloutLogprobs }, i) => ({
      promptTokens,
      answerTokens: tokens,
      rolloutLogprobs,
      advantage: i % 2 === 0 ? 1 : -1,
    })),
  )

const bitsOf = (groups: readonly Group[]) =>
  groups.flatMap(({ answers }) => answers.map(({ tokens, rolloutLogprobs }) => [tokens, [...rolloutLogprobs]]))

describe('exactly on policy', () => {
  const threadsBefore = numThreads()
  const targetBefore = target() as InstructionSet
  const model = tinyModel(5)
  afterEach(() => {
    setNumThreads(threadsBefore)
    setTarget(targetBefore)
  })
  afterAll(() => model.dispose())

  for (const name of instructionSets) {
    const title = `has the same bits with 1 and 2 threads and the kernels of ${name}, decoded and scored`
    it.skipIf(!instructionSetsHere.has(name))(title, async () => {
      const expected = bitsOf(await rollout(model))
      setTarget(name)
      for (const threads of [1, 2]) {
        setNumThreads(threads)
        const groups = await rollout(model)
        expect(bitsOf(groups)).toEqual(expected)
        const answers = groups.flatMap(({ promptTokens, answers }) =>
          answers.map(({ tokens }) => ({ promptTokens, tokens })),
        )
        expect(await packedLogprobs(model, answers, options.temperature)).toEqual(
          expected.map(([, logprobs]) => logprobs),
        )
      }
    })
  }

  it('has the same bits decoded in batches of 1, 3 and 64', async () => {
    const expected = bitsOf(await rollout(model, { maxBatch: 64 }))
    for (const maxBatch of [1, 3]) expect(bitsOf(await rollout(model, { maxBatch }))).toEqual(expected)
  })

  it('stays so from update to update: nothing is synchronised, the engine reads what the optimizer writes', async () => {
    const learner = tinyModel(6)
    const optimizer = new AdamW(learner.parameters(), { learningRate: 3e-3, weightDecay: 0.01 })
    const engine = new RolloutEngine(learner, codec)
    const losses: number[] = []
    for (let step = 0; step < 4; step++) {
      const groups: Group[] = []
      for await (const group of engine.generate(prompts, { ...options, numAnswers: 4, seed: step })) groups.push(group)
      engine.release()
      const pass = { maxTokens: 150, mustBeOnPolicy: true }
      const stats = await accumulateGradients(learner, samplesOf(groups), { temperature: options.temperature }, pass)
      expect(stats.maxLogprobDifference).toBe(0)
      losses.push(stats.loss)
      optimizer.step({ maxGradNorm: 1 }).dispose()
      optimizer.zeroGrad()
    }
    expect(losses.every(Number.isFinite)).toBe(true)
    learner.dispose()
  })

  it('says what failed when the weights are no numbers, and works again once they are', async () => {
    const broken = tinyModel(7)
    const engine = new RolloutEngine(broken, codec)
    const run = async () => {
      const groups: Group[] = []
      for await (const group of engine.generate(prompts, options)) groups.push(group)
      return groups
    }
    fill(broken.norm.weight, Number.NaN)
    await expect(run()).rejects.toThrow('[sample_token]')
    fill(broken.norm.weight, 1)
    const groups = await run()
    expect(bitsOf(groups)).toEqual(bitsOf(await rollout(broken)))
    engine.release()
    broken.dispose()
  })
})
