import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Decoder } from '../../lib/models/decoder.js'
import type { Reward } from '../../lib/reward/reward.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { allSteps, digitModel, digitShare, digitTokenizer, tinyTrainer, weightsOf } from './tiny-run.js'

let tokenizer: Tokenizer
let model: Decoder
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})
afterAll(() => model?.dispose())

async function trained(options: Parameters<typeof tinyTrainer>[1]) {
  model?.dispose()
  model = digitModel(tokenizer)
  const before = await weightsOf(model)
  const steps = await allSteps(tinyTrainer({ model, tokenizer }, options).trainer)
  return { steps, isChanged: JSON.stringify(await weightsOf(model)) !== JSON.stringify(before) }
}

const never: Reward = () => 0

test('a step of which no group is kept learns nothing and says what it sampled', async () => {
  const { steps, isChanged } = await trained({ reward: never, dynamicSampling: { maxRounds: 2 } })
  expect(isChanged).toBe(false)
  // 2 rounds of 4 prompts of 10 answers.
  expect(steps.map(({ numSamples, loss, reward }) => [numSamples, loss, reward])).toEqual([
    [80, 0, 0],
    [80, 0, 0],
  ])
})

test('penalties for length and masks go through a run', async () => {
  const plain = await trained({ reward: digitShare })
  const penalized = await trained({ reward: digitShare, overlongPenalty: { bufferTokens: 4, weight: 1 } })
  expect(penalized.steps[0]?.reward).toBeLessThan(plain.steps[0]?.reward as number)
  const masked = await trained({ reward: digitShare, overlong: 'mask' })
  expect(masked.steps[0]?.reward).toBe(plain.steps[0]?.reward)
  expect(masked.steps[0]?.loss).not.toBe(plain.steps[0]?.loss)
  expect([plain.isChanged, penalized.isChanged, masked.isChanged]).toEqual([true, true, true])
})
