// Exactly on policy: a token's log-probability has the same bits however it was computed.
import { afterEach, expect, test } from 'vitest'
import { createModel, type Decoder, device, KvCache, noGrad, ops, pack, scope, tensor } from '../../lib/index.js'
import { RandomStream } from '../../lib/random.js'
import { type InstructionSet, instructionSets, instructionSetsHere } from '../helpers/instruction-sets.js'

const config = {
  vocabularySize: 200,
  width: 64,
  feedForwardWidth: 176,
  numLayers: 2,
  numHeads: 4,
  numKvHeads: 2,
  headSize: 16,
  maxPositions: 160,
  normEpsilon: 1e-6,
  ropeTheta: 10_000,
  isHeadTied: true,
  initializerRange: 0.2,
}
const qwen3 = {
  ...config,
  family: 'qwen3',
  headSize: 24,
  isHeadTied: false,
  ropeScaling: {
    type: 'yarn',
    factor: 4,
    betaFast: 32,
    betaSlow: 1,
    originalMaxPositions: 40,
    isTruncated: true,
  },
} as const
const temperature = 0.6
const ints = (values: number[] | Int32Array) => tensor(values, { dtype: 'i32' })

const random = new RandomStream(1, 'sequences')
const randomSequence = (length: number) => Array.from({ length }, () => random.below(config.vocabularySize))
const sequences = Array.from({ length: 64 }, (_, i) => randomSequence(i === 0 ? 140 : 2 + random.below(20)))
const main = sequences[0] as number[]

const threadsBefore = device.numThreads()
const targetBefore = device.target() as InstructionSet
afterEach(() => {
  device.setNumThreads(threadsBefore)
  device.setTarget(targetBefore)
})

/** Of every token but the first, in a packed forward over the sequences. */
async function scored(model: Decoder, packed: number[][]): Promise<Float32Array> {
  const logprobs = scope(() =>
    noGrad(() => {
      const targets = packed.flatMap((sequence) => [...sequence.slice(1), 0])
      return ops.tokenLogprob(model.forward(pack(packed)), model.head, ints(targets), { temperature }).logprobs
    }),
  )
  const start =
    packed.indexOf(main) === 0 ? 0 : packed.slice(0, packed.indexOf(main)).reduce((sum, s) => sum + s.length, 0)
  return (await logprobs.toArray()).slice(start, start + main.length - 1) as Float32Array
}

/** The same by decoding one token at a time, beside the others of the batch. Shorter sequences start again at their end. */
async function decoded(model: Decoder, batch: number[][], { isRecorded = false } = {}): Promise<Float32Array> {
  const blockSize = 16
  const blocksEach = Math.ceil(main.length / blockSize)
  const B = batch.length
  using cache = new KvCache(model.config, { numBlocks: B * blocksEach, blockSize })
  // Blocks are interleaved and in falling order: places must not matter.
  const block = (row: number, i: number) => B * blocksEach - 1 - (i * B + row)
  const table = batch.flatMap((_, row) => Array.from({ length: blocksEach }, (_, i) => block(row, i)))
  const inputs = {
    tokens: ints(new Int32Array(B)),
    positions: ints(new Int32Array(B)),
    slots: ints(new Int32Array(B)),
    blockTables: tensor(Int32Array.from(table), { shape: [B, blocksEach] }),
    contextLengths: ints(new Int32Array(B)),
  }
  const targets = ints(new Int32Array(B))
  const step = () =>
    noGrad(() => ops.tokenLogprob(model.decode(inputs, cache), model.head, targets, { temperature }).logprobs)
  const program = isRecorded ? device.record(step) : undefined
  const result = new Float32Array(main.length - 1)
  for (let t = 0; t + 1 < main.length; t++) {
    const places = batch.map((sequence, row) => ({ sequence, row, position: t % (sequence.length - 1) }))
    inputs.tokens.write(places.map(({ sequence, position }) => sequence[position] as number))
    inputs.positions.write(places.map(({ position }) => position))
    inputs.slots.write(
      places.map(
        ({ row, position }) => block(row, Math.floor(position / blockSize)) * blockSize + (position % blockSize),
      ),
    )
    inputs.contextLengths.write(places.map(({ position }) => position + 1))
    targets.write(places.map(({ sequence, position }) => sequence[position + 1] as number))
    program?.replay()
    const logprobs = program ? program.result : scope(step)
    result[t] = (await logprobs.toArray())[batch.indexOf(main)] as number
  }
  program?.dispose()
  return result
}

async function expectSameBits(actual: Promise<Float32Array>, expected: Float32Array): Promise<void> {
  expect(new Uint32Array((await actual).buffer)).toEqual(new Uint32Array(expected.buffer))
}

test.each([
  ['Qwen2', config],
  ['Qwen3', qwen3],
] as const)('%s: alone, in packs, and decoded in batches of 1, 3 and 64', async (_, config) => {
  using model = createModel(config, { seed: 1 })
  const alone = await scored(model, [main])
  expect(alone.every((value) => value < 0 && Number.isFinite(value))).toBe(true)
  await expectSameBits(scored(model, sequences), alone)
  await expectSameBits(scored(model, [...sequences.slice(1, 6), main, ...sequences.slice(6)]), alone)
  await expectSameBits(decoded(model, [main]), alone)
  await expectSameBits(decoded(model, [sequences[1] as number[], main, sequences[2] as number[]]), alone)
  await expectSameBits(decoded(model, sequences, { isRecorded: true }), alone)
})

test('with one thread and two', async () => {
  using model = createModel(config, { seed: 2 })
  device.setNumThreads(1)
  const [packed, steps] = [await scored(model, sequences), await decoded(model, [main])]
  device.setNumThreads(2)
  await expectSameBits(scored(model, sequences), packed)
  await expectSameBits(decoded(model, [main]), steps)
})

for (const name of instructionSets) {
  test.skipIf(!instructionSetsHere.has(name))(`with the kernels of ${name}`, async () => {
    using model = createModel(config, { seed: 3 })
    const expected = await scored(model, sequences)
    device.setTarget(name)
    await expectSameBits(scored(model, [main]), expected)
    await expectSameBits(decoded(model, [main], { isRecorded: true }), expected)
  })
}

test.each([
  ['Qwen2', config],
  ['Qwen3', qwen3],
] as const)('%s: prefill into the cache, then decoding goes on with the bits of the whole', async (_, config) => {
  using model = createModel(config, { seed: 4 })
  const length = 37
  using cache = new KvCache(config, { numBlocks: 3 })
  const whole = noGrad(() => model.forward(pack([main.slice(0, length)])))
  const slots = ints(Array.from({ length: length - 1 }, (_, i) => i))
  const prefill = noGrad(() => model.forward(pack([main.slice(0, length - 1)]), { cache, slots }))
  const last = model.decode(
    {
      tokens: ints([main[length - 1] as number]),
      positions: ints([length - 1]),
      slots: ints([length - 1]),
      blockTables: tensor(Int32Array.of(0, 1, 2), { shape: [1, 3] }),
      contextLengths: ints([length]),
    },
    cache,
  )
  const expected = await whole.toArray()
  expect(await prefill.toArray()).toEqual(expected.slice(0, -config.width))
  expect(await last.toArray()).toEqual(expected.slice(-config.width))
})
