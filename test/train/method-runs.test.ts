// Every method through a trainer: what its name stands for arrives at the update.
import { beforeAll, expect, test } from 'vitest'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { methodNames } from '../../lib/train/recipe/methods.js'
import type { GrpoTrainerOptions } from '../../lib/train/trainer-options.js'
import { allSteps, digitModel, digitTokenizer, tinyTrainer, weightsOf } from './tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

/** Two updates of one step; small enough to be clipped by some. */
async function trained(options: Partial<GrpoTrainerOptions>) {
  using model = digitModel(tokenizer)
  const stages = [{ maxResponseTokens: 8, until: { steps: 1 } }]
  const shared = { miniBatches: 2, passes: 2, tokensPerMicroBatch: 60 }
  const { trainer } = tinyTrainer({ model, tokenizer, stages }, { ...shared, ...options })
  const [step] = await allSteps(trainer)
  return { step, weights: JSON.stringify(await weightsOf(model)) }
}

test('each trains, ends with weights of its own, and stays on policy before the first update', async () => {
  const all = new Map<string, string>()
  const variants: [string, Partial<GrpoTrainerOptions>][] = methodNames.map((method) => [method, { method }])
  for (const [name, options] of [
    ...variants,
    ['deepscaler', { mode: 'deepscaler' }],
    ['none', {}],
  ] as typeof variants) {
    const { step, weights } = await trained(options)
    expect(step, name).toMatchObject({ maxLogprobDifference: 0, loss: expect.any(Number) })
    expect(Number.isFinite(step?.loss), name).toBe(true)
    expect(step?.gradientNorm, name).toBeGreaterThan(0)
    all.set(name, weights)
  }
  expect(new Set(all.values()).size).toBe(all.size)
})

test('answers that are masked and a method compose', async () => {
  const { weights } = await trained({ method: 'dr-grpo', overlong: 'mask' })
  expect(weights).not.toBe((await trained({ method: 'dr-grpo' })).weights)
  expect(weights).toBe((await trained({ method: 'dr-grpo', overlong: 'mask' })).weights)
})

test('a stage may have a dual clip of its own, and not beside cispo', async () => {
  using model = digitModel(tokenizer)
  const stages = [{ maxResponseTokens: 8, dualClip: 3, until: { steps: 1 } }]
  expect(await allSteps(tinyTrainer({ model, tokenizer, stages }).trainer)).toHaveLength(1)
  expect(() => tinyTrainer({ model, tokenizer, stages }, { method: 'cispo' })).toThrow(
    '[train] expected no stages.0.dualClip beside the surrogate cispo, which bounds the ratio itself',
  )
})
