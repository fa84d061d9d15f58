import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataStart, epochOrder, nextIndices } from '../../lib/data/order.js'

const sorted = (items: number[]) => [...items].sort((a, b) => a - b)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

test('an epoch sees every row once, and each epoch and seed has an order of its own', () => {
  const first = epochOrder(100, { seed: 1, epoch: 0 })
  expect(sorted(first)).toEqual(upTo(100))
  expect(epochOrder(100, { seed: 1, epoch: 0 })).toEqual(first)
  expect(epochOrder(100, { seed: 1, epoch: 1 })).not.toEqual(first)
  expect(epochOrder(100, { seed: 2, epoch: 0 })).not.toEqual(first)
})

test('however the rows are asked for, and wherever the position is saved, they are the same', () => {
  const whole = nextIndices(7, { count: 50, seed: 3, position: dataStart })
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }), (counts) => {
      const seen: number[] = []
      let position = dataStart
      for (const count of counts) {
        const next = nextIndices(7, { count, seed: 3, position: JSON.parse(JSON.stringify(position)) })
        expect(next.indices.length).toBe(count)
        seen.push(...next.indices)
        position = next.position
      }
      expect(seen.slice(0, 50)).toEqual(whole.indices.slice(0, seen.length))
      expect(position).toEqual({ epoch: Math.floor(seen.length / 7), numSeen: seen.length % 7 })
    }),
  )
})

test('a request may span several epochs, each of them complete', () => {
  const { indices, position } = nextIndices(3, { count: 8, seed: 1, position: dataStart })
  expect([sorted(indices.slice(0, 3)), sorted(indices.slice(3, 6))]).toEqual([upTo(3), upTo(3)])
  expect(position).toEqual({ epoch: 2, numSeen: 2 })
})

test('no rows is an error', () => {
  expect(() => nextIndices(0, { count: 1, seed: 1, position: dataStart })).toThrow(/at least one row/)
})
