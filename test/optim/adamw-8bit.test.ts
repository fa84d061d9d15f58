// Moments of 8 bits: the same learning as with float32, in a quarter of the bytes.
import { createHash } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { digitRecurrenceSource } from '../../lib/data/synthetic/digit-recurrence-source.js'
import { AdamW, type AdamWOptions, createModel, type Decoder, ops, pack, scope, tensor } from '../../lib/index.js'
import { adamw8Block } from '../../lib/ops/adamw8-step.js'
import type { SavedTensor } from '../../lib/optim/saved-moments.js'
import type { Tensor } from '../../lib/tensor.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { digitTokenizer } from '../train/tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

const problems = digitRecurrenceSource({ minSteps: 1, maxSteps: 4, slip: 0.1, mend: 0.5, recheck: 0.2 }, { seed: 1 })

/** Every matrix but the embedding has more than 4096 elements; one has no whole number of blocks. */
const smallModel = (): Decoder =>
  createModel(
    {
      ...{ vocabularySize: tokenizer.vocabSize, width: 72, feedForwardWidth: 150, numLayers: 2, numHeads: 3 },
      ...{ numKvHeads: 3, headSize: 24, maxPositions: 128, normEpsilon: 1e-6, ropeTheta: 10_000, isHeadTied: true },
      initializerRange: 0.06,
    },
    { seed: 3 },
  )

function trainStep(model: Decoder, optimizer: AdamW, step: number): Tensor {
  const sequences = problems
    .workedRows(step, 16, { maxSteps: 4 })
    .map((row) => tokenizer.encode(row.problem + row.solution))
  const targets = sequences.flatMap((tokens) => [...tokens.slice(1), tokenizer.eosIds[0] as number])
  return scope(() => {
    const hidden = model.forward(pack(sequences))
    const { logprobs } = ops.tokenLogprob(hidden, model.head, tensor(targets, { dtype: 'i32' }))
    const loss = ops.neg(ops.mean(logprobs))
    loss.backward()
    optimizer.step({ maxGradNorm: 1 })
    optimizer.zeroGrad()
    return loss.detach()
  })
}

async function lossesWith(moments: AdamWOptions['moments'], numSteps: number): Promise<number[]> {
  using model = smallModel()
  using optimizer = new AdamW(model.parameters(), { learningRate: 3e-3, beta2: 0.99, moments })
  const losses: number[] = []
  for (let step = 0; step < numSteps; step++) losses.push(await trainStep(model, optimizer, step).item())
  return losses
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

const bytesOf = async (optimizer: AdamW): Promise<Map<string, SavedTensor>> =>
  new Map(
    await Promise.all(
      [...optimizer.stateTensors()].map(async ([name, tensor]) => {
        const { shape, dtype } = tensor
        return [name, { shape, dtype, bytes: await tensor.readBytes() }] as const
      }),
    ),
  )

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const hashOf = (tensors: ReadonlyMap<string, SavedTensor>): string[][] =>
  [...tensors].map(([name, { dtype, shape, bytes }]) => [name, dtype, `${shape}`, hash(bytes)])

test('the loss of 120 steps follows that of float32 moments within 1%, in means over ten steps', async () => {
  const numSteps = 120
  const expected = await lossesWith('f32', numSteps)
  const losses = await lossesWith('8bit', numSteps)
  const tens = Array.from({ length: numSteps / 10 }, (_, i) => [10 * i, 10 * i + 10] as const)
  const differences = tens.map(([begin, end]) => mean(losses.slice(begin, end)) / mean(expected.slice(begin, end)) - 1)
  expect(Math.max(...differences.map(Math.abs))).toBeLessThan(0.01)
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 3)
})

test('restored from its codes and scales it goes on bit for bit', async () => {
  using model = smallModel()
  using optimizer = new AdamW(model.parameters(), { learningRate: 3e-3, moments: '8bit' })
  for (let step = 0; step < 3; step++) trainStep(model, optimizer, step).dispose()
  const saved = { numSteps: optimizer.numSteps, tensors: await bytesOf(optimizer) }
  const weights = await Promise.all(model.parameters().map((parameter) => parameter.readBytes()))
  const goOn = async () => {
    for (let step = 3; step < 6; step++) trainStep(model, optimizer, step).dispose()
    return [
      hashOf(await bytesOf(optimizer)),
      await Promise.all(model.parameters().map(async (p) => hash(await p.readBytes()))),
    ]
  }
  const first = await goOn()
  model.parameters().forEach((parameter, i) => {
    parameter.writeBytes(weights[i] as Uint8Array)
  })
  optimizer.restore(saved)
  expect(await goOn()).toEqual(first)
  const exported = await optimizer.exportState()
  optimizer.importState(exported)
  expect(hashOf(await bytesOf(optimizer))).toEqual(first[0])
})

test('a moment is a byte an element and a float32 a block of 256; of less than 4096 elements, or where told, it is float32', async () => {
  const [small, large, kept] = [
    [63, 65],
    [32, 129],
    [64, 64],
  ].map((shape, i) => {
    const parameter = tensor(new Float32Array((shape[0] as number) * (shape[1] as number)), {
      shape,
      requiresGrad: true,
    })
    parameter.name = ['small', 'large', 'kept'][i]
    return parameter
  }) as [Tensor, Tensor, Tensor]
  using optimizer = new AdamW([small, large, kept], {
    learningRate: 1,
    moments: (parameter) => (parameter === kept ? 'f32' : '8bit'),
  })
  for (const parameter of optimizer.parameters) ops.sum(parameter).backward()
  optimizer.step()
  const kinds = [...optimizer.stateTensors()].map(([name, { shape, dtype }]) => [name, dtype, shape])
  expect(kinds).toEqual([
    ['small.m', 'f32', [63, 65]],
    ['small.v', 'f32', [63, 65]],
    ['large.m', 'u8', [32, 129]],
    ['large.mScale', 'f32', [Math.ceil((32 * 129) / adamw8Block)]],
    ['large.v', 'u8', [32, 129]],
    ['large.vScale', 'f32', [Math.ceil((32 * 129) / adamw8Block)]],
    ['kept.m', 'f32', [64, 64]],
    ['kept.v', 'f32', [64, 64]],
  ])
  // The first step is ±1 in every element, whatever holds the moments.
  for (const parameter of optimizer.parameters)
    for (const value of await parameter.toArray()) expect(value).toBeCloseTo(-1, 5)
})

test('moments of the other kind are refused by name', async () => {
  using model = smallModel()
  using f32 = new AdamW(model.parameters(), { learningRate: 1e-3 })
  trainStep(model, f32, 0).dispose()
  using quantized = new AdamW(model.parameters(), { learningRate: 1e-3, moments: '8bit' })
  const tensors = await bytesOf(f32)
  expect(() => quantized.restore({ numSteps: 1, tensors })).toThrow(
    /expected all moments of .*, got none as .*\.mScale/,
  )
})
