// The whole decoder against Python's transformers.
import { describe, expect, test } from 'vitest'
import { loadDecoder, noGrad, ops, pack, scope, type Tensor } from '../../lib/index.js'
import { weightsOf } from '../../lib/models/load.js'
import { relativeError } from '../reference/gradcheck.js'
import { crossEntropy } from './cross-entropy.js'
import { fixtureFolder, fixtureNames, readExpected } from './fixtures.js'

describe.each(fixtureNames)('%s', (name) => {
  test('logits, loss and every gradient are those of transformers', async () => {
    const { sequences, loss, logits, gradients } = await readExpected(name)
    using model = await loadDecoder(fixtureFolder(name))
    const own = noGrad(() => ops.linear(model.forward(pack(sequences)), model.head))
    expect(relativeError(await own.toArray(), logits)).toBeLessThan(1e-5)

    const ownLoss = scope(() => {
      const total = crossEntropy(model, sequences)
      total.backward()
      return total
    })
    expect(Math.abs((await ownLoss.item()) - loss) / loss).toBeLessThan(1e-5)
    const weights = weightsOf(model)
    expect([...weights.keys()].sort()).toEqual([...gradients.keys()].sort())
    for (const [key, parameter] of weights) {
      const gradient = await (parameter.grad as Tensor).toArray()
      expect(relativeError(gradient, gradients.get(key) ?? []), key).toBeLessThan(1e-4)
    }
  })
})

test('recomputing layers in backward changes no bit of a gradient', async () => {
  const { sequences } = await readExpected('qwen2-tied-grouped')
  using model = await loadDecoder(fixtureFolder('qwen2-tied-grouped'))
  const gradients = async (backward: () => void) => {
    for (const parameter of model.parameters()) parameter.grad = null
    backward()
    return Promise.all(model.parameters().map((parameter) => parameter.grad?.toArray()))
  }
  const plain = await gradients(() => scope(() => crossEntropy(model, sequences).backward()))
  const recomputed = () => crossEntropy(model, sequences, { useRecompute: true })
  expect(await gradients(() => scope(() => recomputed().backward()))).toEqual(plain)
  // Also when the scope of the forward pass, and the batch with it, is gone by then.
  expect(await gradients(() => scope(recomputed).backward())).toEqual(plain)
})

test('a tied head is one parameter', async () => {
  using tied = await loadDecoder(fixtureFolder('qwen2-tied-grouped'))
  expect(tied.head).toBe(tied.embedding.weight)
  expect(tied.parameters().length).toBe(weightsOf(tied).size)
  using untied = await loadDecoder(fixtureFolder('qwen2-untied-equal-heads'))
  expect(untied.head).not.toBe(untied.embedding.weight)
  expect(untied.parameters().length).toBe(tied.parameters().length + 1)
})

test('a sequence beyond the tables is an error at once', async () => {
  using model = await loadDecoder(fixtureFolder('qwen2-tied-grouped'))
  const long = Array.from({ length: 129 }, () => 1)
  expect(() => model.forward(pack([long]))).toThrow(/at most 128 tokens, got 129/)
  expect(() => pack([[1], []])).toThrow(/at least one token, got lengths \[1, 0\]/)
})

test('a token outside the vocabulary fails what depends on it, and nothing else', async () => {
  using model = await loadDecoder(fixtureFolder('qwen2-tied-grouped'))
  const bad = noGrad(() => model.forward(pack([[1, 2], [999]])))
  await expect(bad.toArray()).rejects.toMatchObject({ code: 'ArgumentError', op: 'embedding' })
  const good = noGrad(() => model.forward(pack([[1, 2], [3]])))
  expect((await good.toArray()).every(Number.isFinite)).toBe(true)
})
