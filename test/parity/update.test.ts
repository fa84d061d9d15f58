// A whole GRPO step as a run makes it: update() on given answers and rewards (advantages, mini-batches, passes, a reference
// decoder, clip, gradient clipping, AdamW) against the same in plain PyTorch on the same checkpoint: see make_parity.py.
import { describe, expect, test } from 'vitest'
import type { ScoredAnswer } from '../../lib/eval/answer-rows.js'
import { scoreAnswers } from '../../lib/grpo/forward.js'
import { modelReference } from '../../lib/grpo/reference.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { mul } from '../../lib/ops/index.js'
import { noGrad } from '../../lib/tape.js'
import { update } from '../../lib/train/update.js'
import { expectWeights, modelOf, optimizerOf, readStep, type StepFixture, weightsIn } from './step-fixture.js'

/** Sampled on policy: the rollout's log-probabilities are the model's own. */
async function answersOf(model: Decoder, { groups, options }: StepFixture): Promise<ScoredAnswer[][]> {
  const { temperature } = options
  return Promise.all(
    groups.map(async (group, i) => {
      const own = await scoreAnswers(model, group, { temperature, maxTokens: 100 })
      return group.map(({ promptTokens, answerTokens, reward }, j) => ({
        ...{ row: { id: `${i}`, problem: '' }, text: '', finishReason: 'stop' as const },
        ...{ promptTokens, tokens: answerTokens, rolloutLogprobs: own[j] as Float32Array, score: reward },
      }))
    }),
  )
}

async function referenceOf(fixture: StepFixture): Promise<Decoder> {
  const reference = await modelOf(fixture)
  for (const parameter of reference.parameters()) {
    using scaled = noGrad(() => mul(parameter, fixture.options.referenceScale ?? 1))
    parameter.write(await scaled.toArray())
  }
  return reference
}

describe.each(['on-policy', 'two-passes'])('a step %s', (name) => {
  const fixture = readStep(name)
  const { temperature, clipLow, clipHigh, aggregation, klWeight, entropyWeight, maxGradNorm, passes } = fixture.options
  const objective = { temperature, clipLow, clipHigh, aggregation, klWeight, entropyWeight }

  test.each([1000, 50])('leaves the weights of PyTorch, in micro-batches of %i tokens', async (tokensPerMicroBatch) => {
    using model = await modelOf(fixture)
    using decoder = await referenceOf(fixture)
    const reference = modelReference(decoder)
    using optimizer = optimizerOf(model, fixture)
    const before = await weightsIn(model)
    const { stats, gradientNorms } = await update({ model, optimizer, reference }, await answersOf(model, fixture), {
      ...{ objective, normalize: 'std', miniBatches: fixture.numMiniBatches, passes, tokensPerMicroBatch, maxGradNorm },
    })
    await expectWeights(name, model, before)
    expect(stats).toHaveLength(fixture.updates.length)
    for (const [i, ofPytorch] of fixture.updates.entries()) {
      expect(Math.abs((stats[i]?.loss ?? Number.NaN) - ofPytorch.loss)).toBeLessThan(1e-5)
      expect(Math.abs((gradientNorms[i] ?? Number.NaN) / ofPytorch.gradientNorm - 1)).toBeLessThan(1e-5)
      // Without a KL term update() leaves out the answers of advantage 0; PyTorch's mean has them.
      if (klWeight > 0) expect(Math.abs((stats[i]?.ratio ?? Number.NaN) - ofPytorch.ratio)).toBeLessThan(1e-5)
    }
  })
})
