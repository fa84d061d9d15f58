// The event loop while the device works. Its turns are counted: a clock would measure the machine's load.
import { expect, test } from 'vitest'
import { accumulateGradients } from '../../lib/grpo/objective.js'
import type { Sample } from '../../lib/grpo/sample.js'
import { createModel } from '../../lib/models/create.js'
import { AdamW } from '../../lib/optim/adamw.js'
import { RolloutEngine } from '../../lib/rollout/engine.js'
import { codec } from '../rollout/tiny-model.js'

const model = createModel(
  {
    ...{
      vocabularySize: 500,
      width: 128,
      feedForwardWidth: 384,
      numLayers: 4,
      numHeads: 4,
      numKvHeads: 2,
      headSize: 32,
    },
    ...{ maxPositions: 256, normEpsilon: 1e-6, ropeTheta: 10_000, isHeadTied: true, initializerRange: 0.02 },
  },
  { seed: 1 },
)

async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let numTurns = 0
  let isDone = false
  const turn = () => {
    numTurns++
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  isDone = true
  return numTurns
}

test('it turns hundreds of times while one update of 4000 tokens is computed', async () => {
  const tokens = Int32Array.from({ length: 125 }, (_, i) => (i * 37) % 500)
  const sample: Sample = {
    promptTokens: tokens.subarray(0, 25),
    answerTokens: tokens.subarray(25),
    rolloutLogprobs: new Float32Array(100).fill(-6),
    advantage: 1,
  }
  using optimizer = new AdamW(model.parameters(), { learningRate: 1e-3 })
  const numTurns = await turnsDuring(async () => {
    const samples = Array.from({ length: 32 }, () => sample)
    await accumulateGradients(model, samples, { temperature: 1 }, { maxTokens: 10_000, mustBeOnPolicy: false })
    using norm = optimizer.step({ maxGradNorm: 1 })
    await norm.item()
  })
  expect(numTurns).toBeGreaterThan(300)
})

test('it turns while 64 answers are sampled, more than once for each token of the longest', async () => {
  const engine = new RolloutEngine(model, codec)
  const numTurns = await turnsDuring(async () => {
    const prompts = ['abc', 'de', 'fgh', 'ij']
    const sampling = { numAnswers: 16, maxResponseTokens: 100, temperature: 1, seed: 1 }
    for await (const _ of engine.generate(prompts, sampling));
  })
  expect(numTurns).toBeGreaterThan(engine.counts.numDecodeSteps)
})
