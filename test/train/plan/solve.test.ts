import { expect, test } from 'vitest'
import type { LinearTimes, PieceTimes } from '../../../lib/train/plan/calibration/calibration.js'
import { combined } from '../../../lib/train/plan/calibration/combine.js'
import { solved } from '../../../lib/train/plan/calibration/solve.js'
import { timingOf } from '../../../lib/train/plan/calibration/stopwatch.js'
import { type Pass, passOf } from '../../../lib/train/plan/pass.js'
import { tinyShape } from './shapes.js'

const secondsOf = (times: LinearTimes, { tokens, rows, squares }: Pass): number =>
  times.perCall + times.perToken * tokens + times.perRow * rows + times.perSquare * squares

const passes = {
  common: passOf(10, new Array(40).fill(31)),
  long: passOf(50, new Array(8).fill(151)),
  fewRows: passOf(40, new Array(40).fill(1)),
  single: passOf(10, [31]),
}

function measured(times: LinearTimes, error: number) {
  const of = (pass: Pass) => ({ pass, timing: { seconds: secondsOf(times, pass), spread: 0, error } })
  return { common: of(passes.common), long: of(passes.long), fewRows: of(passes.fewRows), single: of(passes.single) }
}

test('the times of four batches tell a call, a token, a row and a pair of tokens apart', () => {
  const times = { perCall: 0.01, perToken: 2e-4, perRow: 5e-5, perSquare: 3e-7 }
  const found = solved(measured(times, 0), tinyShape)
  for (const key of ['perCall', 'perToken', 'perRow', 'perSquare'] as const)
    expect(found[key]).toBeCloseTo(times[key], 10)
})

test('what the noise hides is in proportion to its operations', () => {
  const times = { perCall: 0.01, perToken: 2e-4, perRow: 5e-5, perSquare: 3e-7 }
  const found = solved(measured(times, 10), tinyShape)
  // A layer of width 32: 4 · 32² + 3 · 48 · 32 weights, two of them; the head 40 · 32; attention 2 · 2 layers · 32 a pair.
  const [token, row, square] = [2 * 2 * (4 * 1024 + 3 * 1536), 2 * 1280, 2 * 2 * 32]
  const { tokens, rows, squares } = passes.common
  const second = secondsOf(times, passes.common) / (token * tokens + row * rows + square * squares)
  expect(found.perRow).toBeCloseTo(row * second, 12)
  expect(found.perSquare).toBeCloseTo(square * second, 12)
})

test('no time is ever negative', () => {
  const odd = measured({ perCall: 0, perToken: 1e-4, perRow: 0, perSquare: 0 }, 0)
  odd.fewRows.timing.seconds *= 2
  odd.single.timing.seconds *= 100
  for (const value of Object.values(solved(odd, tinyShape))) expect(value).toBeGreaterThanOrEqual(0)
})

test('a mean leaves a tenth out at either end', () => {
  expect(timingOf([1, 1, 1, 1, 2, 2, 2, 2, 0, 100]).seconds).toBe(1.5)
  expect(timingOf([3]).seconds).toBe(3)
})

test('a whole model is what a layer takes for each, and the rest as the vocabulary grows', () => {
  const linear = (perToken: number): LinearTimes => ({ perCall: 0, perToken, perRow: 4, perSquare: perToken / 10 })
  const piece = (layers: number): PieceTimes => ({
    decode: [{ rows: 1, seconds: 5 + layers }],
    ...{ perCachedToken: layers, perProgram: 1 + layers, update: 7 * layers },
    ...{ prefill: linear(layers), score: linear(2 * layers), train: linear(6 * layers) },
  })
  const whole = combined(piece(1), piece(2), { numLayers: 28, vocabulary: 3, trained: 11 })
  expect(whole.decode).toEqual([{ rows: 1, seconds: 28 + 3 * 5 }])
  expect(whole).toMatchObject({ perCachedToken: 28, perProgram: 29, update: 77 })
  expect(whole.train).toEqual({ perCall: 0, perToken: 6 * 28, perRow: 12, perSquare: 0.6 * 28 })
})
