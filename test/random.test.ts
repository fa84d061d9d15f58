import { expect, test } from 'vitest'
import { ArgumentError } from '../lib/errors.js'
import { type PhiloxWords, philox4x32, RandomStream } from '../lib/random.js'

const ones = 0xffffffff

// Known answers that come with the authors' Random123 library.
test.each<[PhiloxWords, [number, number], PhiloxWords]>([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [ones, ones, ones, ones],
    [ones, ones],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])('Philox of counter %j and key %j is the known answer', (counter, key, expected) => {
  expect(philox4x32(counter, key)).toEqual(expected)
})

test('the same seed and name give the same draws, any other seed or name gives others', () => {
  const first = draws(new RandomStream(1, 'data'), 8)
  expect(draws(new RandomStream(1, 'data'), 8)).toEqual(first)
  for (const other of [
    new RandomStream(2, 'data'),
    new RandomStream(1, 'date'),
    new RandomStream(1 + 2 ** 32, 'data'),
  ]) {
    expect(draws(other, 8).filter((word) => first.includes(word))).toEqual([])
  }
})

test('a stream continues from a position as if it had never stopped', () => {
  const stream = new RandomStream(7, 'a')
  draws(stream, 5)
  const resumed = new RandomStream(7, 'a', stream.position)
  expect(draws(resumed, 9)).toEqual(draws(stream, 9))
})

test('uniform numbers fill [0, 1) evenly', () => {
  const stream = new RandomStream(3, 'uniform')
  const counts = new Array<number>(10).fill(0)
  for (let i = 0; i < 20_000; i++) {
    const bin = Math.floor(stream.uniform() * 10)
    increment(counts, bin)
  }
  // Deviation of a count is √(20000 · 0.1 · 0.9) ≈ 42; 5 of them.
  for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(210)
})

test('normal numbers have mean 0, variance 1 and the fourth moment 3', () => {
  const stream = new RandomStream(4, 'normal')
  const values = Array.from({ length: 20_000 }, () => stream.normal())
  const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length
  expect(Math.abs(moment(1))).toBeLessThan(0.035)
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.05)
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.35)
})

test('whole numbers below a bound are evenly likely and a bad bound is an error', () => {
  const stream = new RandomStream(5, 'below')
  const counts = [0, 0, 0]
  for (let i = 0; i < 9000; i++) increment(counts, stream.below(3))
  for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(5 * 45)
  expect(stream.below(1)).toBe(0)
  for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 33]) expect(() => stream.below(bound)).toThrow(ArgumentError)
})

test('a shuffle keeps every item, leaves its input alone, and reaches every order equally', () => {
  const stream = new RandomStream(6, 'shuffle')
  const items = Object.freeze(['a', 'b', 'c'])
  const orders = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = stream.shuffle(items).join('')
    orders.set(order, (orders.get(order) ?? 0) + 1)
  }
  expect([...orders.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * 29)
  expect(stream.shuffle([])).toEqual([])
})

function draws(stream: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => stream.word())
}

function increment(counts: number[], index: number): void {
  counts[index] = (counts[index] as number) + 1
}
