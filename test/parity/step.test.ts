// Two updates off policy, on given samples, rewards and log-probabilities, against the same in plain PyTorch on the same
// checkpoint: see make_parity.py. A step on policy is that of update(): update.test.ts.
import { expect, test } from 'vitest'
import { groupAdvantages } from '../../lib/grpo/advantage.js'
import { splitEvenly } from '../../lib/grpo/batch.js'
import { accumulateGradients, type Objective } from '../../lib/grpo/objective.js'
import type { Sample } from '../../lib/grpo/sample.js'
import type { Decoder } from '../../lib/models/decoder.js'
import {
  expectWeights,
  modelOf,
  optimizerOf,
  readStep,
  type StepFixture,
  type StepUpdate,
  weightsIn,
} from './step-fixture.js'

async function samplesOf({ groups }: StepFixture): Promise<Sample[][]> {
  const advantages = await groupAdvantages(groups.map((group) => group.map(({ reward }) => reward)))
  return groups.map((group, i) =>
    group.map((answer, j) => ({
      ...answer,
      rolloutLogprobs: answer.rolloutLogprobs ?? [],
      advantage: advantages[i]?.[j] as number,
    })),
  )
}

/** Trains the model in place. */
async function train(
  model: Decoder,
  fixture: StepFixture,
  { maxTokens }: { maxTokens: number },
): Promise<StepUpdate[]> {
  const { temperature, clipLow, clipHigh, aggregation, klWeight, entropyWeight, maxGradNorm } = fixture.options
  const objective: Objective = { temperature, clipLow, clipHigh, aggregation, klWeight, entropyWeight }
  using optimizer = optimizerOf(model, fixture)
  const updates: StepUpdate[] = []
  for (const miniBatch of splitEvenly(await samplesOf(fixture), fixture.numMiniBatches)) {
    const options = { maxTokens, mustBeOnPolicy: false }
    const { loss, ratio } = await accumulateGradients(model, miniBatch.flat(), objective, options)
    updates.push({ loss, ratio, gradientNorm: await optimizer.step({ maxGradNorm }).item() })
    optimizer.zeroGrad()
  }
  return updates
}

test.each([1000, 50])(
  'off policy, updates leave the weights of PyTorch, in micro-batches of %i tokens',
  async (maxTokens) => {
    const fixture = readStep('off-policy')
    using model = await modelOf(fixture)
    const before = await weightsIn(model)
    const updates = await train(model, fixture, { maxTokens })
    await expectWeights('off-policy', model, before)
    expect(updates).toHaveLength(fixture.updates.length)
    for (const [i, update] of updates.entries()) {
      const ofPytorch = fixture.updates[i] as StepUpdate
      expect(Math.abs(update.loss - ofPytorch.loss)).toBeLessThan(1e-5)
      expect(Math.abs(update.ratio - ofPytorch.ratio)).toBeLessThan(1e-5)
      expect(Math.abs(update.gradientNorm / ofPytorch.gradientNorm - 1)).toBeLessThan(1e-5)
    }
  },
)
