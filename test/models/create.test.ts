// What a new decoder need not be told.
import { expect, test } from 'vitest'
import { createModel } from '../../lib/models/create.js'
import type { Tensor } from '../../lib/tensor.js'

const sizes = { vocabularySize: 8, width: 32, feedForwardWidth: 48, numLayers: 1, numHeads: 2 }
const rest = {
  ...{ numKvHeads: 2, headSize: 16, maxPositions: 4096, normEpsilon: 1e-6, ropeTheta: 10_000 },
  ...{ isHeadTied: true, initializerRange: 0.02 },
}

test('sizes alone make the decoder that has every default said', async () => {
  using short = createModel(sizes, { seed: 1 })
  using long = createModel({ ...sizes, ...rest }, { seed: 1 })
  expect(short.config).toEqual(long.config)
  const values = (parameters: readonly Tensor[]) => Promise.all(parameters.map((parameter) => parameter.toArray()))
  expect(await values(short.parameters())).toEqual(await values(long.parameters()))
})

test('what is said goes before the defaults', () => {
  using model = createModel({ ...sizes, numKvHeads: 1, headSize: 32, isHeadTied: false, maxPositions: 64 }, { seed: 1 })
  expect(model.config).toMatchObject({
    numKvHeads: 1,
    headSize: 32,
    isHeadTied: false,
    maxPositions: 64,
    ropeTheta: 10_000,
  })
})
