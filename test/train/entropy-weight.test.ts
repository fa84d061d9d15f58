import { expect, test } from 'vitest'
import {
  type AdaptiveEntropy,
  adaptEntropyWeight,
  appliedEntropyWeight,
  type EntropyWeightState,
  initialEntropyWeight,
} from '../../lib/train/entropy-weight.js'

// A quarter and its halves are exact.
const options: AdaptiveEntropy = { target: 0.5, delta: 0.25, max: 0.625 }

/** What each step's loss has, the first step's first. */
function applied(first: number, entropies: number[], by = options): number[] {
  let state = initialEntropyWeight(first, by)
  const weights = [appliedEntropyWeight(state)]
  for (const entropy of entropies) {
    state = adaptEntropyWeight(state, entropy, by)
    weights.push(appliedEntropyWeight(state))
  }
  return weights
}

test('below the target the weight rises by delta up to its maximum', () => {
  expect(applied(0, [0.4, 0.4, 0.4, 0.4])).toEqual([0, 0.25, 0.5, 0.625, 0.625])
})

test('at the target and above it falls by delta down to 0, and is not applied', () => {
  // 0.5 → 0.25 and 0 unapplied, then from 0 again.
  expect(applied(0.5, [0.5, 0.9, 0.9, 0.4])).toEqual([0.5, 0, 0, 0, 0.25])
})

test('while it is not applied it goes on falling from where it was', () => {
  // 0.625 → 0.375, unapplied; back below the target it is applied with what is left and one delta more.
  expect(applied(0.625, [0.6, 0.4])).toEqual([0.625, 0, 0.625])
  expect(applied(0.625, [0.6, 0.6, 0.4])).toEqual([0.625, 0, 0, 0.375])
})

test('a minimum is kept, and the weight begins within its bounds', () => {
  const bounded = { ...options, min: 0.125 }
  expect(applied(0, [0.9, 0.4], bounded)).toEqual([0.125, 0, 0.375])
  expect(applied(9, [], options)).toEqual([0.625])
})

test('the published settings move by a ten thousandth a step', () => {
  // Skywork-OR1: target 0.2, delta 0.0001, from 0 up to 0.005: 50 steps below the target.
  const published = { target: 0.2, delta: 0.0001, max: 0.005 }
  const weights = applied(
    0,
    Array.from({ length: 60 }, () => 0.1),
    published,
  )
  expect(weights[10]).toBeCloseTo(0.001, 12)
  expect(weights[49]).toBeCloseTo(0.0049, 12)
  expect(weights.slice(51)).toEqual(Array.from({ length: 10 }, () => 0.005))
})

test('the state is plain JSON', () => {
  const state: EntropyWeightState = adaptEntropyWeight(initialEntropyWeight(0.1, options), 0.2, options)
  expect(JSON.parse(JSON.stringify(state))).toEqual(state)
})
