import { expect, test } from 'vitest'
import { formatReward } from '../../lib/reward/format-reward.js'
import type { Reward, RewardSample } from '../../lib/reward/reward.js'
import { scoreSamples } from '../../lib/reward/score.js'
import { weightedReward } from '../../lib/reward/weighted-reward.js'

const samples = (...texts: string[]): RewardSample[] =>
  texts.map((text, i) => ({ row: { id: `row-${i}`, problem: '', answer: '' }, text }))

const right: Reward = ({ text }) => Number(text.includes('right'))
const short: Reward = ({ text }) => 1 / text.length

test('the score is the weighted sum, and the first part alone says what is right', async () => {
  const reward = weightedReward([
    { reward: right, weight: 1 },
    { reward: short, weight: -0.5, name: 'brevity' },
    { reward: formatReward(), weight: 0 },
  ])
  const { scores, verdicts } = await scoreSamples(reward, samples('right', 'no', '</think>right \\boxed{1}'))
  // 1 − 0.5/5; 0 − 0.5/2; 1 − 0.5/23, where the format is watched only.
  expect(scores).toEqual([1 - 0.5 * (1 / 5), -0.5 * (1 / 2), 1 - 0.5 * (1 / 23)])
  expect(verdicts).toEqual([
    { score: 0.9, outcome: 1, parts: { right: 1, brevity: 0.2, format: 0 } },
    { score: -0.25, outcome: 0, parts: { right: 0, brevity: 0.5, format: 0 } },
    { score: 1 - 0.5 / 23, outcome: 1, parts: { right: 1, brevity: 1 / 23, format: 1 } },
  ])
})

test('asked for one answer, it gives the same score', async () => {
  const reward = weightedReward([
    { reward: right, weight: 0.7 },
    { reward: short, weight: 0.2 },
  ])
  const [sample] = samples('right')
  const { scores } = await scoreSamples(reward, samples('right'))
  expect(await reward({ ...(sample as RewardSample), signal: new AbortController().signal })).toBe(scores[0])
})

test('a sample that one part gives no score has none, and the part is named', async () => {
  const picky: Reward = ({ text }) => {
    if (text === 'bad') throw new Error('cannot read it')
    return 1
  }
  const reward = weightedReward([
    { reward: right, weight: 1 },
    { reward: picky, weight: 0 },
  ])
  const { scores, verdicts, report } = await scoreSamples(reward, samples('right', 'bad', 'no'))
  expect(scores).toEqual([1, undefined, 0])
  expect(verdicts[1]).toEqual({ score: null, why: 'picky: cannot read it' })
  expect(report).toEqual({
    ...{ reward: 'weighted', numSamples: 3, numMissing: 1 },
    first: { rowId: 'row-1', message: 'picky: cannot read it' },
  })
})

test('parts that score together are asked together, once', async () => {
  let numCalls = 0
  const scoreAll: Reward['scoreAll'] = async (all, { deadlineMs }) => {
    numCalls += 1
    return all.map((_, i) => (i === 1 ? { why: `not within ${deadlineMs} ms` } : i))
  }
  const together: Reward = Object.assign(() => 0, { scoreAll })
  const reward = weightedReward([
    { reward: right, weight: 1 },
    { reward: together, weight: 10, name: 'together' },
  ])
  const { verdicts } = await scoreSamples(reward, samples('right', 'right', 'no'), { deadlineMs: 70 })
  expect(numCalls).toBe(1)
  expect(verdicts).toEqual([
    { score: 1, outcome: 1, parts: { right: 1, together: 0 } },
    { score: null, why: 'together: not within 70 ms' },
    { score: 20, outcome: 0, parts: { right: 0, together: 2 } },
  ])
})

test('whether the answer could be read is said by the first part, where that tells', async () => {
  const telling: Reward = Object.assign(() => 0, { scoreAll: async () => [{ score: 0, isParsed: false }] })
  const parts = [
    { reward: telling, weight: 1, name: 'telling' },
    { reward: right, weight: 1 },
  ]
  const isParsed = async (reward: Reward) => (await scoreSamples(reward, samples('right'))).verdicts[0]?.isParsed
  expect(await isParsed(weightedReward(parts))).toBe(false)
  expect(await isParsed(weightedReward(parts.toReversed()))).toBeUndefined()
})

test('within a weighted reward, another one counts with its sum and says what is right by its first part', async () => {
  const inner = weightedReward([
    { reward: right, weight: 1 },
    { reward: short, weight: 5 },
  ])
  const reward = weightedReward([{ reward: inner, weight: 2, name: 'inner' }])
  const { verdicts } = await scoreSamples(reward, samples('right'))
  expect(verdicts).toEqual([{ score: 4, outcome: 1, parts: { inner: 2 } }])
})

test.each<[string, Parameters<typeof weightedReward>[0], string]>([
  ['no part', [], 'expected at least one part, got none'],
  [
    'a weight that is no number',
    [{ reward: right, weight: Number.NaN }],
    'part 1: expected a number for weight, got NaN',
  ],
  [
    'two parts of one name',
    [
      { reward: right, weight: 1 },
      { reward: right, weight: 1 },
    ],
    'part 2: expected a name of its own, got "right"',
  ],
  ['a part without a name', [{ reward: () => 1, weight: 1, name: '' }], 'part 1: expected a name of its own, got ""'],
  [
    'the name of the penalty for length',
    [{ reward: right, weight: 1, name: 'overlong' }],
    'part 1: expected a name of its own, got "overlong"',
  ],
  [
    'no function',
    [{ reward: 1 as unknown as Reward, weight: 1, name: 'one' }],
    'part 1: expected a function for reward, got 1',
  ],
])('%s is an error', (_, parts, message) => {
  expect(() => weightedReward(parts)).toThrow(`[weighted reward] ${message}`)
})
