import { describe, expect, test } from 'vitest'
import type { Reward, Score, ScoreAll } from '../../lib/reward/reward.js'
import { keepScored, requireScored, scoreSamples } from '../../lib/reward/score.js'

const samples = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ row: { id: `row-${i}`, problem: '' }, text: String(i) }))
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('scores come back by sample, whatever order they finish in', async () => {
  const slowFirst: Reward = async ({ text }) => {
    await wait(20 - Number(text))
    return Number(text)
  }
  const { scores, report } = await scoreSamples(slowFirst, samples(20))
  expect(scores).toEqual(Array.from({ length: 20 }, (_, i) => i))
  expect(report).toEqual({ reward: 'slowFirst', numSamples: 20, numMissing: 0 })
})

test.each<[string, Reward, RegExp]>([
  [
    'throws',
    () => {
      throw new Error('no such file')
    },
    /^no such file$/,
  ],
  ['rejects', () => Promise.reject(new Error('refused')), /^refused$/],
  ['rejects with no error', () => Promise.reject('a string'), /^a string$/],
  ['returns NaN', () => Number.NaN, /expected a finite number, got NaN/],
  ['returns infinity', () => Number.POSITIVE_INFINITY, /got Infinity/],
  ['returns text', (() => '1') as unknown as Reward, /got 1/],
  ['returns nothing', (() => undefined) as unknown as Reward, /got undefined/],
  ['never ends', () => new Promise<number>(() => {}), /not done within 30 ms/],
])('a reward that %s leaves its sample without a score, named and counted', async (_, failure, message) => {
  const picky: Reward = (sample) => (sample.text === '1' || sample.text === '3' ? failure(sample) : 0.5)
  const { scores, report } = await scoreSamples(picky, samples(5), { deadlineMs: 30 })
  expect(scores).toEqual([0.5, undefined, 0.5, undefined, 0.5])
  expect(report).toMatchObject({ reward: 'picky', numSamples: 5, numMissing: 2 })
  expect(report.first).toEqual({ rowId: 'row-1', message: expect.stringMatching(message) })
})

test('at the deadline the reward’s own signal fires', async () => {
  let reason: unknown
  const patient: Reward = ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason
        reject(signal.reason)
      })
    })
  await scoreSamples(patient, samples(1), { deadlineMs: 10 })
  expect(reason).toMatchObject({ message: 'not done within 10 ms' })
})

test('a score given after the deadline does not count', async () => {
  const late: Reward = async () => {
    await wait(60)
    return 1
  }
  const { scores } = await scoreSamples(late, samples(1), { deadlineMs: 10 })
  await wait(80)
  expect(scores).toEqual([undefined])
})

test('no more calls than allowed are under way at once', async () => {
  let numRunning = 0
  let most = 0
  const counting: Reward = async () => {
    most = Math.max(most, ++numRunning)
    await wait(2)
    numRunning--
    return 0
  }
  await scoreSamples(counting, samples(30), { concurrency: 4 })
  expect(most).toBe(4)
})

test('a run that is stopped rejects at once with its reason, and begins no more calls', async () => {
  const controller = new AbortController()
  let numCalls = 0
  const endless: Reward = () => {
    numCalls++
    return new Promise(() => {})
  }
  const scoring = scoreSamples(endless, samples(10), { concurrency: 2, signal: controller.signal })
  controller.abort(new Error('stopped'))
  await expect(scoring).rejects.toThrow('stopped')
  expect(numCalls).toBe(2)
})

test('five per cent missing pass, more fail the run with reward, row and message', () => {
  const report = { reward: 'math', numSamples: 100, numMissing: 5, first: { rowId: 'r7', message: 'boom' } }
  expect(() => requireScored(report)).not.toThrow()
  expect(() => requireScored({ ...report, numMissing: 6 })).toThrow(
    '[reward math] 6 of 100 samples have no score, more than 5%; first: row "r7": boom',
  )
  expect(() => requireScored({ ...report, numSamples: 0, numMissing: 0 })).not.toThrow()
})

test('samples without a score leave their group; one left stays a group, none drops it', () => {
  const groups = [
    [1, 2, 3],
    [4, undefined],
    [undefined, undefined],
  ].map((group) => group.map((score) => ({ score })))
  expect(keepScored(groups, ({ score }) => score)).toEqual([[{ score: 1 }, { score: 2 }, { score: 3 }], [{ score: 4 }]])
})

describe('a reward with scoreAll', () => {
  const together = (scoreAll: ScoreAll): Reward =>
    Object.assign(() => Promise.reject(new Error('one by one is not asked for')), { scoreAll })

  test('is asked once for all, with the deadline, and says which have no score and why', async () => {
    const deadlines: number[] = []
    const reward = together(async (samples, { deadlineMs }) => {
      deadlines.push(deadlineMs)
      return samples.map((_, i) => [1, { why: 'no verdict' }, Number.NaN][i] as Score)
    })
    const { scores, report } = await scoreSamples(reward, samples(3), { deadlineMs: 77 })
    expect(scores).toEqual([1, undefined, undefined])
    expect(deadlines).toEqual([77])
    expect(report).toMatchObject({ numSamples: 3, numMissing: 2, first: { message: 'no verdict' } })
  })

  test('must give a score for every sample', async () => {
    const reward = together(async () => [1])
    await expect(scoreSamples(reward, samples(2))).rejects.toThrow(/expected 2 scores of scoreAll, got 1/)
    const silent = together(async () => undefined as unknown as Score[])
    await expect(scoreSamples(silent, samples(2))).rejects.toThrow(/expected 2 scores of scoreAll, got undefined/)
  })

  test.each<[string, ScoreAll]>([
    ['rejects', () => Promise.reject(new Error('no connection'))],
    [
      'throws',
      () => {
        throw new Error('no connection')
      },
    ],
  ])('that %s leaves all samples without a score, named and counted', async (_, scoreAll) => {
    const { scores, report } = await scoreSamples(together(scoreAll), samples(2))
    expect(scores).toEqual([undefined, undefined])
    expect(report).toMatchObject({ numMissing: 2, first: { rowId: 'row-0', message: 'no connection' } })
  })

  test('that rejects since the run is stopped, stops it', async () => {
    const controller = new AbortController()
    const reward = together((_, { signal }) => {
      controller.abort(new Error('stopped'))
      return Promise.reject(signal?.reason)
    })
    await expect(scoreSamples(reward, samples(1), { signal: controller.signal })).rejects.toThrow('stopped')
  })

  test('has no verdict that the journal could not keep', async () => {
    const verdicts = [
      { score: 1, outcome: Number.NaN },
      { score: 1, parts: { style: Number.NaN } },
      { score: 1, outcome: 0 },
    ]
    const { scores, report } = await scoreSamples(
      together(async () => verdicts),
      samples(3),
    )
    expect(scores).toEqual([undefined, undefined, 1])
    expect(report.first).toMatchObject({ message: 'expected a finite number for outcome, got NaN' })
  })
})
