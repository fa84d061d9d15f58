import { describe, expect, test } from 'vitest'
import { BatchOrder, type BatchPlace, type BatchSize } from '../../../lib/train/sft/batch-order.js'

const order = (lengths: number[], batch: BatchSize, { epochs = 1, seed = 1 } = {}) =>
  new BatchOrder(lengths, { batch, epochs, seed })

const placesOf = (order: BatchOrder): BatchPlace[] =>
  Array.from({ length: order.numSteps }, (_, step) => order.at(step))

describe('batches of so many examples', () => {
  test('hold every example once an epoch, in an order of its own, the last batch what is left', () => {
    const places = placesOf(order(new Array(10).fill(5), { examples: 4 }, { epochs: 2 }))
    expect(places.map(({ epoch, indices }) => [epoch, indices.length])).toEqual([
      ...[
        [0, 4],
        [0, 4],
        [0, 2],
      ],
      ...[
        [1, 4],
        [1, 4],
        [1, 2],
      ],
    ])
    const epochs = [0, 1].map((e) => places.filter(({ epoch }) => epoch === e).flatMap(({ indices }) => indices))
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(epochs[0]).not.toEqual(epochs[1])
  })

  test('are one where there are fewer examples', () => {
    expect(placesOf(order([3, 4], { examples: 100 }))).toHaveLength(1)
  })
})

describe('batches of so many tokens', () => {
  test('take whole examples in order while they fit; a longer one is alone', () => {
    const lengths = [3, 3, 3, 3, 20, 3, 3, 1]
    const places = placesOf(order(lengths, { tokens: 7 }))
    const tokens = places.map(({ indices }) => indices.map((index) => lengths[index] as number))
    expect(tokens.flat().toSorted()).toEqual(lengths.toSorted())
    for (const [i, batch] of tokens.entries()) {
      const sum = batch.reduce((a, b) => a + b)
      expect(sum <= 7 || batch.length === 1, `${batch}`).toBe(true)
      const next = tokens[i + 1]?.[0]
      if (next !== undefined) expect(sum + next).toBeGreaterThan(7) // or it would have been taken
    }
  })

  test('may be of another number in another epoch, and steps are counted through', () => {
    const all = order([1, 2, 3, 4, 5, 6, 7, 8], { tokens: 9 }, { epochs: 5 })
    const places = placesOf(all)
    expect(places.map(({ epoch }) => epoch)).toEqual(places.map(({ epoch }) => epoch).toSorted())
    expect(new Set(places.map(({ epoch }) => epoch)).size).toBe(5)
    expect(places.flatMap(({ indices }) => indices)).toHaveLength(40)
  })
})

test('a step alone says which examples it has, whatever was asked for before', () => {
  const lengths = Array.from({ length: 30 }, (_, i) => 1 + (i % 7))
  const steps = [11, 0, 5, 12, 3]
  const once = order(lengths, { tokens: 12 }, { epochs: 3 })
  for (const step of steps) expect(once.at(step)).toEqual(order(lengths, { tokens: 12 }, { epochs: 3 }).at(step))
  expect(order(lengths, { tokens: 12 }, { seed: 2 }).at(0)).not.toEqual(once.at(0))
})

test('what cannot be is an error', () => {
  expect(() => order([], { examples: 1 })).toThrow('[sft] expected at least one example, got none')
  expect(() => order([1], { examples: 0 })).toThrow('[sft] expected a whole number of at least 1 for examples, got 0')
  expect(() => order([1], { tokens: 1.5 })).toThrow('[sft] expected a whole number of at least 1 for tokens, got 1.5')
  expect(() => order([1], { examples: 1 }, { epochs: 0 })).toThrow('for epochs, got 0')
  expect(() => order([1], { examples: 1 }).at(1)).toThrow('[sft] expected a step below 1, got 1')
})
