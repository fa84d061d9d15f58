import { afterAll, expect, test } from 'vitest'
import type { ScoredAnswer } from '../../../lib/eval/answer-rows.js'
import { mathReward } from '../../../lib/reward/math-reward.js'
import { GraderPool } from '../../../lib/reward/pool/grader-pool.js'
import { scoreSamples } from '../../../lib/reward/score.js'
import type { Verdict } from '../../../lib/reward/verdict.js'
import { weightedReward } from '../../../lib/reward/weighted-reward.js'
import { answerShares } from '../../../lib/train/guard/index.js'
import { penalized } from '../../../lib/train/overlong.js'

const answer = (
  score: number | undefined,
  { tokens = [1, 2, 3], finishReason = 'stop', verdict }: Partial<ScoredAnswer> = {},
): ScoredAnswer => ({
  ...{ tokens, finishReason, score, text: '', rolloutLogprobs: new Float32Array(tokens.length), promptTokens: [1] },
  ...{ row: { id: 'r', problem: '' }, ...(verdict && { verdict }) },
})

const parsed = (isParsed: boolean, score = 0): ScoredAnswer => answer(score, { verdict: { score, isParsed } })
const loop = new Array<number>(30).fill(7)

test('answers in a loop are counted, finished or not; the stop token is no part of one', () => {
  const groups = [
    [answer(1), answer(0, { tokens: loop, finishReason: 'length' })],
    [answer(0, { tokens: [...loop, 2] }), answer(0, { tokens: [...loop, 2], finishReason: 'length' })],
  ]
  expect(answerShares(groups).repeatedShare).toBe(0.5)
})

test('unparsed is a share of the finished answers whose reward says whether it read them', () => {
  const cut = answer(0, { finishReason: 'length', verdict: { score: 0, isParsed: false } })
  expect(
    answerShares([
      [parsed(false), parsed(true, 1), parsed(true)],
      [parsed(true), cut, answer(0)],
    ]).unparsedShare,
  ).toBe(0.25)
  expect(answerShares([[answer(0), cut]]).unparsedShare).toBe(0)
})

test('uniform is a share of the groups with two scores or more, by what is right and not by penalties', () => {
  const penalized = (score: number, outcome: number) => answer(score, { verdict: { score, outcome } satisfies Verdict })
  const groups = [
    [answer(1), answer(1), answer(undefined)],
    [answer(1), answer(0)],
    [answer(0)],
    [answer(0), answer(undefined)],
    [penalized(1, 1), penalized(0.5, 1)],
    [penalized(1, 1), penalized(0, 0)],
  ]
  expect(answerShares(groups).uniformShare).toBe(0.5)
})

test('without an answer, and without a group of two, all shares are 0', () => {
  const none = { repeatedShare: 0, unparsedShare: 0, uniformShare: 0 }
  expect(answerShares([])).toEqual(none)
  expect(answerShares([[answer(1)], [answer(0)]])).toEqual(none)
})

const pool = new GraderPool({ numWorkers: 1 })
afterAll(() => pool.dispose())

test('the math reward says which answers it could read', async () => {
  const samples = ['</think>\\boxed{4}', '</think>\\boxed{5}', '</think>4', '\\boxed{4}'].map((text) => ({
    ...{ text, row: { id: '1', problem: '', answer: '4' } },
  }))
  const { verdicts } = await scoreSamples(mathReward({ pool }), samples)
  expect(verdicts).toEqual([
    { score: 1, isParsed: true },
    { score: 0, isParsed: true },
    { score: 0, isParsed: false },
    { score: 0, isParsed: false },
  ])
})

test('what the reward read is known beside other rewards and penalties too', async () => {
  const samples = ['</think>\\boxed{4}', '</think>4'].map((text) => ({
    text,
    row: { id: '1', problem: '', answer: '4' },
  }))
  const both = weightedReward([
    { reward: mathReward({ pool }), weight: 1 },
    { reward: () => 1, weight: 0.1, name: 'one' },
  ])
  const { verdicts } = await scoreSamples(both, samples)
  expect(verdicts.map((verdict) => penalized(verdict, { penalty: -1, weight: 0.5 }).isParsed)).toEqual([true, false])
})
