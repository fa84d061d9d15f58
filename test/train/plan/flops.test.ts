import { expect, test } from 'vitest'
import {
  decodeFlops,
  decodeStepBytes,
  forwardFlops,
  headWeights,
  keyValueWidth,
  layerWeights,
  trainingFlops,
} from '../../../lib/train/plan/flops.js'
import { contextTokens, passOf } from '../../../lib/train/plan/pass.js'
import { deepseek1p5b } from './shapes.js'

// A layer: q and o 1536 × 1536 each, k and v 256 × 1536 each, gate, up and down 8960 × 1536 each: 46,792,704. 28 of them.
const layers = 1_310_195_712
const head = 233_373_696 // 151,936 × 1536

test('the weights that a token meets are those of the layers and the head', () => {
  expect(layerWeights(deepseek1p5b)).toBe(layers)
  expect(headWeights(deepseek1p5b)).toBe(head)
  expect(keyValueWidth(deepseek1p5b)).toBe(2 * 28 * 2 * 128)
})

test('a pass has the inputs of its sequences: the last token of an answer is predicted only', () => {
  // Inputs of 4 + 3 − 1 = 6 and 4 + 1 − 1 = 4 tokens.
  expect(passOf(4, [3, 1])).toEqual({ tokens: 10, rows: 4, squares: 36 + 16, calls: 1 })
  // Drawn with 4, 5 and 6 tokens before, and with 4.
  expect(contextTokens(4, [3, 1])).toBe(15 + 4)
})

test('a forward takes two operations a weight, and four for each head value of half of the pairs', () => {
  // 1,000 tokens in one sequence, 600 of them to the vocabulary: 2 · (layers · 1000 + head · 600); pairs 500,000 of 12 heads of 128
  // in 28 layers: 4 · 28 · 12 · 128 · 500,000.
  const flops = forwardFlops(deepseek1p5b, { tokens: 1000, rows: 600, squares: 1e6, calls: 1 })
  expect(flops).toEqual({ products: 2_900_439_859_200, attention: 86_016_000_000 })
})

test('training takes three forwards of products and three and a half of attention, recomputing one more of the layers', () => {
  const pass = { tokens: 1000, rows: 600, squares: 1e6, calls: 1 }
  const plain = trainingFlops(deepseek1p5b, pass, { useRecompute: false, hasWeightGradients: true })
  expect(plain).toEqual({ products: 3 * 2_900_439_859_200, attention: 3.5 * 86_016_000_000 })
  const again = trainingFlops(deepseek1p5b, pass, { useRecompute: true, hasWeightGradients: true })
  expect(again.products - plain.products).toBe(2 * layers * 1000)
  expect(again.attention - plain.attention).toBe(86_016_000_000)
  const frozen = trainingFlops(deepseek1p5b, pass, { useRecompute: false, hasWeightGradients: false })
  expect(frozen).toEqual({ products: 2 * 2_900_439_859_200, attention: 3.5 * 86_016_000_000 })
})

test('a decode step reads every weight once and the cache of all sequences', () => {
  // bf16: 2 · (layers + head) = 3.09 GB, and 128 sequences of 4,000 tokens of 14,336 values: 14.7 GB.
  const bytes = decodeStepBytes(deepseek1p5b, { cachedTokens: 128 * 4000, bytesPerValue: 2 })
  expect(bytes).toBe(2 * (layers + head) + 2 * 128 * 4000 * 14_336)
  expect(decodeFlops(deepseek1p5b, { tokens: 1, contextTokens: 100 })).toEqual({
    products: 2 * (layers + head),
    attention: 4 * 28 * 12 * 128 * 100,
  })
})
