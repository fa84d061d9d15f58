import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatenate, microBatches, splitEvenly } from '../../lib/grpo/batch.js'
import { numAnswerTokens, numInputTokens, requireSample, type Sample } from '../../lib/grpo/sample.js'

const sampleOf = (promptTokens: number[], answerTokens: number[], advantage = 0): Sample => ({
  promptTokens,
  answerTokens,
  rolloutLogprobs: answerTokens.map((token) => -token / 8),
  advantage,
})

const token = fc.integer({ min: 0, max: 99 })
const samples = fc.array(
  fc
    .tuple(
      fc.array(token, { minLength: 1, maxLength: 9 }),
      fc.array(token, { minLength: 1, maxLength: 9 }),
      fc.integer(),
    )
    .map(([prompt, answer, advantage]) => sampleOf(prompt, answer, advantage)),
  { maxLength: 12 },
)

describe('micro-batches', () => {
  it('pack prompt and answer but the last token, and point at the rows that predict the answer', () => {
    // Packed: 5 6 7 8 | 9 1 2. The rows of 7 and 8 predict 8 and 3; those of 9, 1 and 2 predict 1, 2 and 4.
    const [batch, ...rest] = microBatches([sampleOf([5, 6, 7], [8, 3], 1.5), sampleOf([9], [1, 2, 4], -1)], {
      maxTokens: 100,
    })
    expect(rest).toEqual([])
    expect(batch).toMatchObject({
      firstIndex: 0,
      sequences: [Int32Array.of(5, 6, 7, 8), Int32Array.of(9, 1, 2)],
      rows: Int32Array.of(2, 3, 4, 5, 6),
      targets: Int32Array.of(8, 3, 1, 2, 4),
      offsets: Int32Array.of(0, 2, 5),
    })
  })

  it('hold every sample once, in order, within the budget unless alone', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 60 }), (given, maxTokens) => {
        const batches = microBatches(given, { maxTokens })
        expect(batches.flatMap((batch) => batch.samples)).toEqual(given)
        let index = 0
        for (const batch of batches) {
          expect(batch.firstIndex).toBe(index)
          index += batch.samples.length
          const numTokens = batch.sequences.reduce((sum, { length }) => sum + length, 0)
          expect(numTokens <= maxTokens || batch.samples.length === 1).toBe(true)
        }
      }),
    )
  })

  it('start a new one only where the next sample does not fit', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 60 }), (given, maxTokens) => {
        const batches = microBatches(given, { maxTokens })
        for (const [i, batch] of batches.slice(0, -1).entries()) {
          const numTokens = batch.sequences.reduce((sum, { length }) => sum + length, 0)
          expect(numTokens + numInputTokens(batches[i + 1]?.samples[0] as Sample)).toBeGreaterThan(maxTokens)
        }
      }),
    )
  })

  it('give every answer token one row: that of the token before it', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 60 }), (given, maxTokens) => {
        for (const batch of microBatches(given, { maxTokens })) {
          const packed = batch.sequences.flatMap((sequence) => [...sequence])
          const before = batch.samples.flatMap(({ promptTokens, answerTokens }) => [
            promptTokens[promptTokens.length - 1],
            ...Array.from(answerTokens).slice(0, -1),
          ])
          expect(Array.from(batch.rows, (row) => packed[row])).toEqual(before)
          expect([...batch.targets]).toEqual(batch.samples.flatMap(({ answerTokens }) => Array.from(answerTokens)))
          expect(batch.offsets.at(-1)).toBe(numAnswerTokens(batch.samples))
        }
      }),
    )
  })

  it('name the sample that cannot be trained on', () => {
    const good = sampleOf([1], [2])
    const pack = (sample: Sample) => () => microBatches([good, sample], { maxTokens: 9 })
    expect(pack(sampleOf([], [2]))).toThrow('[grpo] expected at least one prompt token for sample 1, got none')
    expect(pack(sampleOf([1], []))).toThrow('[grpo] expected at least one answer token for sample 1, got none')
    expect(() => microBatches([good], { maxTokens: 0 })).toThrow('[grpo] expected at least 1 for maxTokens, got 0')
    const check =
      (sample: Sample, hasReference = false) =>
      () =>
        requireSample(sample, 1, { hasReference })
    expect(check(good)).not.toThrow()
    expect(check({ ...good, rolloutLogprobs: [] })).toThrow('[grpo] expected 1 rolloutLogprobs for sample 1, got 0')
    expect(check(good, true)).toThrow('[grpo] expected 1 referenceLogprobs for sample 1, got 0')
    expect(check({ ...good, referenceLogprobs: [1] }, true)).not.toThrow()
    expect(check({ ...good, advantage: Number.NaN })).toThrow(
      '[grpo] expected a finite advantage for sample 1, got NaN',
    )
  })

  it('are none for no samples', () => {
    expect(microBatches([], { maxTokens: 9 })).toEqual([])
  })
})

describe('splitEvenly', () => {
  it('keeps all items in order in parts whose sizes differ by at most one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (items, numParts) => {
        const parts = splitEvenly(items, numParts)
        expect(parts.flat()).toEqual(items)
        expect(parts.length).toBe(Math.min(numParts, items.length))
        const sizes = parts.map(({ length }) => length)
        if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
    expect(() => splitEvenly([1], 0)).toThrow('[grpo] expected a whole number of at least 1 for numParts, got 0')
  })
})

describe('concatenate', () => {
  it('puts one array after the other', () => {
    expect(concatenate([[1], [], Float32Array.of(2, 3)])).toEqual(Float32Array.of(1, 2, 3))
    expect(concatenate([])).toEqual(new Float32Array())
  })
})
