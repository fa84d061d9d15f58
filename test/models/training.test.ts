// A few training steps of a whole decoder: they learn, they repeat to the bit, and they hold no memory.
import { afterEach, expect, test } from 'vitest'
import {
  AdamW,
  createModel,
  type Decoder,
  device,
  noGrad,
  ops,
  pack,
  scope,
  type Tensor,
  tensor,
} from '../../lib/index.js'
import { type InstructionSet, instructionSets, instructionSetsHere } from '../helpers/instruction-sets.js'

const config = {
  vocabularySize: 40,
  width: 32,
  feedForwardWidth: 80,
  numLayers: 3,
  numHeads: 4,
  numKvHeads: 2,
  headSize: 8,
  maxPositions: 64,
  normEpsilon: 1e-6,
  ropeTheta: 10_000,
  isHeadTied: true,
  initializerRange: 0.1,
}
const sequences = Array.from({ length: 6 }, (_, i) => Array.from({ length: 10 + 3 * i }, (_, t) => (3 * t + i) % 40))
const targets = sequences.flatMap((sequence) => [...sequence.slice(1), 0])

const threadsBefore = device.numThreads()
const targetBefore = device.target() as InstructionSet
afterEach(() => {
  device.setNumThreads(threadsBefore)
  device.setTarget(targetBefore)
})

function step(model: Decoder, optimizer: AdamW): Tensor {
  return scope(() => {
    const { logprobs } = ops.tokenLogprob(model.forward(pack(sequences)), model.head, tensor(targets, { dtype: 'i32' }))
    const loss = ops.neg(ops.mean(logprobs))
    loss.backward()
    optimizer.step({ maxGradNorm: 1 })
    optimizer.zeroGrad()
    return loss
  })
}

async function train(numSteps: number): Promise<{ losses: number[]; weights: Float32Array[] }> {
  using model = createModel(config, { seed: 5 })
  using optimizer = new AdamW(model.parameters(), { learningRate: 3e-3 })
  const losses: number[] = []
  for (let i = 0; i < numSteps; i++) losses.push(await step(model, optimizer).item())
  const weights = await Promise.all(model.parameters().map((parameter) => parameter.toArray() as Promise<Float32Array>))
  return { losses, weights }
}

test('the loss falls', async () => {
  const { losses } = await train(30)
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number))
})

test('weights have the same bits again, and with one thread and two', async () => {
  const { weights } = await train(3)
  expect((await train(3)).weights).toEqual(weights)
  for (const numThreads of [1, 2]) {
    device.setNumThreads(numThreads)
    expect((await train(3)).weights).toEqual(weights)
  }
})

for (const name of instructionSets) {
  test.skipIf(!instructionSetsHere.has(name))(`weights have the same bits with the kernels of ${name}`, async () => {
    const { weights } = await train(3)
    device.setTarget(name)
    expect((await train(3)).weights).toEqual(weights)
  })
}

test('later steps hold no more memory than the second', async () => {
  using model = createModel(config, { seed: 5 })
  using optimizer = new AdamW(model.parameters(), { learningRate: 1e-3 })
  const run = async () => {
    using loss = step(model, optimizer)
    return loss.item()
  }
  for (let i = 0; i < 2; i++) await run()
  const { usedBytes } = device.memoryStats()
  for (let i = 0; i < 5; i++) await run()
  // The queue lets go of an op's tensors just after the read is told.
  await expect.poll(() => device.memoryStats().usedBytes).toBeLessThanOrEqual(usedBytes)
})

test('a forward pass without gradients keeps at most a layer in memory', async () => {
  const numTokens = 60
  using model = createModel({ ...config, numLayers: 8 }, { seed: 1 })
  const run = () => scope(() => noGrad(() => model.forward(pack([new Array(numTokens).fill(1)]))))
  await run().toArray()
  const { usedBytes } = device.memoryStats()
  device.resetPeakMemory()
  await run().toArray()
  // A layer makes 12 tensors of [T, width], counting K and V as half, and 3 of [T, feedForwardWidth].
  const layerBytes = 4 * numTokens * (12 * config.width + 3 * config.feedForwardWidth)
  expect(device.memoryStats().peakUsedBytes - usedBytes).toBeLessThan(2 * layerBytes)
})
