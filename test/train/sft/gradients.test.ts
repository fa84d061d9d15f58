// What is learned does not depend on the packing: the log-probability of every token has the same bits whatever lies beside it, so
// the loss of a batch is the same up to the order in which its tokens are added; so are the gradients, which are sums over
// tokens cut where a micro-batch ends.
import { describe, expect, test } from 'vitest'
import { type ChatExample, cutExample } from '../../../lib/data/chat/example.js'
import type { Decoder } from '../../../lib/models/decoder.js'
import { pack } from '../../../lib/models/pack.js'
import { scope } from '../../../lib/scope.js'
import { noGrad } from '../../../lib/tape.js'
import { learnedLogprobs } from '../../../lib/train/sft/forward.js'
import { accumulateSftGradients } from '../../../lib/train/sft/gradients.js'
import { heldOutLoss } from '../../../lib/train/sft/held-out-loss.js'
import { cutByTokens, packExamples } from '../../../lib/train/sft/layout.js'
import { relativeError } from '../../parity/compare.js'
import { tinyModel } from '../../rollout/tiny-model.js'

/** Lengths from 2 up; some with two answers, one of them right at the beginning. */
const examples: ChatExample[] = [2, 3, 9, 17, 31, 40].map((length, i) => ({
  id: `example ${i}`,
  tokens: Array.from({ length }, (_, t) => (5 * t + 3 * i + t * t) % 33),
  answers:
    length > 10
      ? [
          { begin: 1, end: 4 },
          { begin: length - 5, end: length },
        ]
      : [{ begin: length - 1, end: length }],
}))

async function logprobsOf(model: Decoder, part: readonly ChatExample[]): Promise<number[]> {
  using logprobs = noGrad(() => scope(() => learnedLogprobs(model, packExamples(part))))
  return Array.from(await logprobs.toArray())
}

async function gradientsOf(model: Decoder, tokensPerMicroBatch: number, useRecompute = false) {
  const { loss, numMicroBatches } = await accumulateSftGradients(model, examples, { tokensPerMicroBatch, useRecompute })
  const gradients = new Map<string, Float32Array>()
  for (const parameter of model.parameters()) {
    gradients.set(`${parameter.name}`, (await parameter.grad?.toArray()) as Float32Array)
    parameter.grad?.dispose()
    parameter.grad = null
  }
  return { loss, numMicroBatches, gradients }
}

describe('packed examples', () => {
  test('give every learned token the bits that it has alone', async () => {
    using model = tinyModel()
    const alone: number[] = []
    for (const example of examples) alone.push(...(await logprobsOf(model, [example])))
    expect(await logprobsOf(model, examples)).toEqual(alone)
    expect(alone).toHaveLength(3 + 3 * 8)
  })

  test('give the gradients that they give one at a time, but for rounding', async () => {
    using model = tinyModel()
    const packed = await gradientsOf(model, 1000)
    const single = await gradientsOf(model, 1)
    expect([packed.numMicroBatches, single.numMicroBatches]).toEqual([1, examples.length])
    expect(Math.abs(packed.loss / single.loss - 1)).toBeLessThan(1e-6)
    for (const [name, gradient] of packed.gradients)
      expect(relativeError(single.gradients.get(name) as Float32Array, gradient), name).toBeLessThan(1e-6)
  })

  test('give the same bits again, and with the layers computed again in backward', async () => {
    using model = tinyModel()
    const first = await gradientsOf(model, 50)
    expect(await gradientsOf(model, 50)).toEqual(first)
    expect(await gradientsOf(model, 50, true)).toEqual(first)
  })
})

test('the loss is the mean over all learned tokens, not over examples or micro-batches', async () => {
  using model = tinyModel()
  const logprobs = await logprobsOf(model, examples)
  const mean = -logprobs.reduce((a, b) => a + b, 0) / logprobs.length
  for (const budget of [1, 30, 1000]) {
    expect(Math.abs((await gradientsOf(model, budget)).loss / mean - 1)).toBeLessThan(1e-6)
    const heldOut = await heldOutLoss(model, examples, { tokensPerMicroBatch: budget })
    expect(heldOut).toEqual({ loss: mean, perplexity: Math.exp(mean), numLearnedTokens: logprobs.length })
  }
})

test('the log-probability of a token is log softmax of the logits before it, in float64', async () => {
  using model = tinyModel()
  const [example] = examples.slice(3) as [ChatExample]
  const got = await logprobsOf(model, [example])
  const { sequences } = packExamples([example])
  using hidden = noGrad(() => scope(() => model.forward(pack(sequences))))
  const [h, w] = [await hidden.toArray(), await model.head.toArray()]
  const [vocabulary = 0, width = 0] = model.head.shape
  const positions = example.answers.flatMap(({ begin, end }) =>
    Array.from({ length: end - begin }, (_, i) => begin + i),
  )
  const expected = positions.map((t) => {
    const logits = Array.from({ length: vocabulary }, (_, v) => {
      let sum = 0
      for (let c = 0; c < width; c++) sum += (h[(t - 1) * width + c] as number) * (w[v * width + c] as number)
      return sum
    })
    const most = Math.max(...logits)
    const lse = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0))
    return (logits[example.tokens[t] as number] as number) - lse
  })
  expect(relativeError(got, expected)).toBeLessThan(1e-5)
})

test('a loss that is no number is an error that names the batch', async () => {
  using model = tinyModel()
  model.norm.weight.write(new Float32Array(32).fill(Number.NaN))
  await expect(accumulateSftGradients(model, examples.slice(0, 2), { tokensPerMicroBatch: 100 })).rejects.toMatchObject(
    {
      code: 'LossError',
      message: '[sft] the loss is NaN: a batch of "example 0", "example 1"',
    },
  )
})

describe('the layout', () => {
  test('has the row before each learned token, across examples', () => {
    const two = [examples[1], examples[3]] as ChatExample[] // 3 and 17 tokens
    const { sequences, rows, targets } = packExamples(two)
    expect(sequences.map(({ length }) => length)).toEqual([2, 16])
    expect([...rows]).toEqual([1, 2, 3, 4, 2 + 11, 2 + 12, 2 + 13, 2 + 14, 2 + 15])
    const [a, b] = two.map(({ tokens }) => tokens) as [number[], number[]]
    expect([...targets]).toEqual([a[2], b[1], b[2], b[3], ...b.slice(12)])
  })

  test('cuts into whole examples within the budget of input tokens; a longer one is alone', () => {
    const lengths = (budget: number) =>
      cutByTokens(examples, budget).map((part) => part.map(({ tokens }) => tokens.length))
    expect(lengths(10)).toEqual([[2, 3], [9], [17], [31], [40]])
    expect(lengths(11)).toEqual([[2, 3, 9], [17], [31], [40]])
    expect(lengths(1000)).toEqual([[2, 3, 9, 17, 31, 40]])
    expect(cutByTokens([], 5)).toEqual([])
  })

  test('of a cut example ends with its last learned token', () => {
    const long = examples[5] as ChatExample
    expect(cutExample(long, 20)).toMatchObject({ answers: [{ begin: 1, end: 4 }], tokens: { length: 4 } })
    expect(cutExample(long, 36)).toMatchObject({ answers: [{}, { begin: 35, end: 36 }], tokens: { length: 36 } })
    expect(cutExample(long, 1)).toBeUndefined()
  })
})
