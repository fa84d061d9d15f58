import { expect, test } from 'vitest'
import { penalized, softPenalty } from '../../lib/train/overlong.js'

test('the penalty is 0 up to the buffer, then falls linearly to −1 at the limit', () => {
  // DAPO's own numbers: a limit of 20,480 tokens, of which the last 4,096 are the buffer.
  const dapo = { maxResponseTokens: 20_480, bufferTokens: 4096 }
  const lengths = [1, 16_384, 16_385, 17_408, 18_432, 20_479, 20_480]
  // −(length − 16,384) / 4,096
  expect(lengths.map((length) => softPenalty(length, dapo))).toEqual([0, 0, -1 / 4096, -0.25, -0.5, -4095 / 4096, -1])
})

test('a buffer of one token is a penalty for answers at the limit alone', () => {
  expect([7, 8].map((length) => softPenalty(length, { maxResponseTokens: 8, bufferTokens: 1 }))).toEqual([0, -1])
})

test('a penalty changes what an answer is worth, and not how right it is', () => {
  expect(penalized({ score: 1 }, { penalty: -0.25, weight: 2 })).toEqual({
    ...{ score: 0.5, outcome: 1, parts: { overlong: -0.25 } },
  })
  const weighed = { score: 1.1, outcome: 1, parts: { math: 1, format: 1 } }
  expect(penalized(weighed, { penalty: -1, weight: 1 })).toEqual({
    ...{ score: 1.1 - 1, outcome: 1, parts: { math: 1, format: 1, overlong: -1 } },
  })
})

test('an answer without a score has none with a penalty', () => {
  expect(penalized({ score: null, why: 'late' }, { penalty: -1, weight: 1 })).toEqual({ score: null, why: 'late' })
})
