import { expect, test } from 'vitest'
import type { ScoredAnswer } from '../../lib/eval/answer-rows.js'
import type { GrpoStats } from '../../lib/grpo/stats.js'
import { stepMetrics } from '../../lib/train/step-metrics.js'

const about = {
  ...{ step: 3, stage: 1, maxResponseTokens: 4, learningRate: 1e-3, entropyWeight: 0, klWeight: 0 },
  ...{ rolloutSeconds: 2, trainSeconds: 0.5 },
}

const answer = (score: number | undefined, numTokens: number): ScoredAnswer => ({
  ...{ tokens: new Array(numTokens).fill(7), text: '', finishReason: numTokens < 4 ? 'stop' : 'length', score },
  ...{ rolloutLogprobs: new Float32Array(numTokens).fill(-0.5), promptTokens: [1], row: { id: 'r', problem: '' } },
})

const stats = (changes: Partial<GrpoStats>): GrpoStats => ({
  ...{
    loss: 0.1,
    numTokens: 4,
    numSequences: 2,
    numInputTokens: 10,
    entropy: 1,
    clipFractionLow: 0,
    clipFractionHigh: 0,
    clipFractionDual: 0,
  },
  ...{ ratio: 1, rolloutKl: 0, referenceKl: 0, maxLogprobDifference: 0 },
  ...changes,
})

const groups = [
  [answer(1, 2), answer(0, 4)],
  [answer(0.5, 3), answer(undefined, 1)],
]

const collected = (sampled: ScoredAnswer[][]) => ({
  ...{ groups: sampled, sampled, numBatches: 1, promptsOfRounds: [sampled.length] },
})
const of = (groups: ScoredAnswer[][]) => ({ ...about, collected: collected(groups) })

const nothing = { stats: [], gradientNorms: [] }

test('shares and means are of the samples; a missing score counts in none of the rewards', () => {
  expect(stepMetrics(nothing, of(groups))).toMatchObject({
    ...{ reward: 0.5, passRate: 1 / 3, meanTokens: 2.5, maxTokens: 4, truncatedShare: 0.25 },
    ...{ numSamples: 4, numMissingRewards: 1, rolloutTokensPerSecond: 5, trainTokensPerSecond: 0, seconds: 2.5 },
  })
})

test('means over updates are weighted by their tokens, but for loss and gradient; the difference is the first one’s', () => {
  const updates = [
    stats({ entropy: 1, clipFractionHigh: 0.1, numTokens: 30, referenceKl: 0.5, rolloutKl: 0.1 }),
    stats({ entropy: 3, clipFractionLow: 0.2, numTokens: 10, maxLogprobDifference: 0.25, loss: 0.3, ratio: 1.2 }),
  ]
  const metrics = stepMetrics({ stats: updates, gradientNorms: [1, 3] }, of(groups))
  expect(metrics.entropy).toBeCloseTo(1.5, 12)
  expect(metrics.clipFraction).toBeCloseTo((0.1 * 30 + 0.2 * 10) / 40, 12)
  expect(metrics.loss).toBeCloseTo((0.1 + 0.3) / 2, 12)
  expect(metrics.referenceKl).toBeCloseTo((0.5 * 30) / 40, 12)
  expect(metrics.rolloutKl).toBeCloseTo((0.1 * 30) / 40, 12)
  expect(metrics.ratio).toBeCloseTo((30 + 1.2 * 10) / 40, 12)
  expect(metrics).toMatchObject({ maxLogprobDifference: 0, trainTokensPerSecond: 40, gradientNorm: 2 })
})

test('without an update the entropy is estimated from the samples', () => {
  const none = { entropy: 0.5, clipFraction: 0, loss: 0, gradientNorm: 0, ratio: 1, rolloutKl: 0 }
  expect(stepMetrics(nothing, of(groups))).toMatchObject(none)
})

test('where the updates measured the entropy, no log-probability is read again', () => {
  const unread = { ...answer(1, 2), rolloutLogprobs: [] as unknown as Float32Array }
  Object.defineProperty(unread, 'rolloutLogprobs', {
    get: () => {
      throw new Error('read')
    },
  })
  expect(stepMetrics({ stats: [stats({})], gradientNorms: [1] }, of([[unread]])).entropy).toBe(1)
})

test('a step may have more answers than a call has arguments', () => {
  const many = new Array<ScoredAnswer>(150_000).fill(answer(1, 1))
  expect(stepMetrics({ stats: [stats({})], gradientNorms: [1] }, of([many])).maxTokens).toBe(1)
})

test('a step without any score is an error', () => {
  expect(() => stepMetrics(nothing, of([[answer(undefined, 2)]]))).toThrow('[train] step 3 has no scored answer')
})
