import { describe, expect, test } from 'vitest'
import { RandomStream } from '../../../lib/random.js'
import { Scheduler } from '../../../lib/rollout/scheduler.js'
import { append, makeSequence } from '../../../lib/rollout/sequence.js'
import { type DecodeLimits, decodeProfile } from '../../../lib/train/plan/decode-profile.js'

const ample: DecodeLimits = { promptTokens: 4, numAnswers: 1, maxBatch: 2, cacheTokens: 1e9, blockSize: 16 }

test('an answer of one token needs no decode step, and its place is taken at once', () => {
  // 3 and 1 are admitted; 1 is done with its prompt's forward, and 5 takes its place: two steps of both, then two of 5 alone. The
  // first two steps find 4 tokens each in the cache, then 5; the last two 6 and 7.
  expect(decodeProfile([3, 1, 5], ample)).toEqual({
    segments: [
      { batch: 2, steps: 2, cachedTokens: 9 },
      { batch: 1, steps: 2, cachedTokens: 6.5 },
    ],
    ...{ numSteps: 4, numPrefills: 2, numSizes: 2, numPreemptions: 0, recomputedTokens: 0 },
  })
})

test('the answers of a prompt begin together', () => {
  // Three at once: the two of the second prompt wait for two places, though one is free from the beginning.
  const { segments } = decodeProfile([5, 3, 2, 2], { ...ample, numAnswers: 2, maxBatch: 3 })
  expect(segments.map(({ batch, steps }) => [batch, steps])).toEqual([
    [2, 2],
    [3, 1],
    [1, 1],
  ])
})

test('answers of one token take no steps at all', () => {
  expect(decodeProfile([1, 1, 1], ample).segments).toEqual([])
})

test('who finds no room when it grows is taken back and computed again', () => {
  // Room for 40 tokens. Two of 4 + 1 tokens are admitted; they fill it at 4 + 16 each, and the second is put back.
  const profile = decodeProfile([30, 30], { ...ample, cacheTokens: 40 })
  expect(profile).toMatchObject({ numPreemptions: 1, recomputedTokens: 20 })
  // The first goes on from 16 tokens to 30 alone: 14 steps. The second's forward draws its 17th: 13 steps more.
  expect(profile.segments.map(({ batch, steps }) => [batch, steps])).toEqual([
    [2, 15],
    [1, 14],
    [1, 13],
  ])
})

/** The engine's own scheduler, with tokens that mean nothing. */
function scheduled(lengths: readonly number[], limits: DecodeLimits): { numSteps: number; numPreemptions: number } {
  const stop = 1
  const sequences = lengths.map((_, i) =>
    makeSequence(
      { index: i, tokens: new Int32Array(limits.promptTokens) },
      { answerIndex: 0, order: i, sequenceId: i },
    ),
  )
  const numBlocks = Math.floor(Math.min(limits.cacheTokens, 1e6) / limits.blockSize)
  const scheduler = new Scheduler(sequences, { ...limits, numBlocks, maxPrefillTokens: 4096 }, Math.max(...lengths))
  let numSteps = 0
  const rule = { stopTokens: new Set([stop]), maxResponseTokens: 1e9 }
  for (let step = scheduler.next(); step.kind !== 'done'; step = scheduler.next()) {
    if (step.kind === 'decode') numSteps += 1
    const all = step.kind === 'decode' ? step.sequences : step.entries.flatMap((entry) => entry.sequences)
    for (const sequence of all) {
      const isLast = sequence.answer.length + 1 === lengths[sequence.prompt.index]
      append(sequence, { token: isLast ? stop : 0, logprob: 0 }, rule)
    }
  }
  return { numSteps, numPreemptions: scheduler.numPreemptions }
}

describe('beside the engine’s scheduler', () => {
  const random = new RandomStream(1, 'lengths')
  const lengths = Array.from({ length: 60 }, () => 1 + random.below(120))

  test.each([1, 3, 16, 64])('the steps are the same with room for everything, %i at once', (maxBatch) => {
    const limits = { ...ample, promptTokens: 7, maxBatch }
    expect(decodeProfile(lengths, limits).numSteps).toBe(scheduled(lengths, limits).numSteps)
  })

  test.each([320, 640, 1600])(
    'they are near with a cache of %i tokens, though here it has no blocks',
    (cacheTokens) => {
      const limits = { ...ample, promptTokens: 7, maxBatch: 32, cacheTokens }
      const [planned, real] = [decodeProfile(lengths, limits), scheduled(lengths, limits)]
      expect(planned.numSteps / real.numSteps).toBeGreaterThan(0.85)
      expect(planned.numSteps / real.numSteps).toBeLessThan(1.15)
    },
  )
})
