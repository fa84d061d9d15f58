import { expect, test } from 'vitest'
import type { ScoredAnswer } from '../../lib/eval/answer-rows.js'
import type { Verdict } from '../../lib/reward/verdict.js'
import { collectMetrics, shortfallText } from '../../lib/train/collect-metrics.js'

const answer = (verdict: Verdict, isMasked = false): ScoredAnswer => ({
  ...{ tokens: [7], text: '', finishReason: isMasked ? 'length' : 'stop', rolloutLogprobs: new Float32Array(1) },
  ...{ promptTokens: [1], row: { id: 'r', problem: '' }, score: verdict.score ?? undefined, verdict, isMasked },
})

const right = answer({ score: 1.1, outcome: 1, parts: { math: 1, format: 1 } })
const formed = answer({ score: 0.1, outcome: 0, parts: { math: 0, format: 1 } })
const cut = answer({ score: 0 }, true)
const lost = answer({ score: null, why: 'late' })

test('pass rates are of the part that says what is right; parts are means over scored answers', () => {
  const groups = [[right, cut]]
  const sampled = [[formed, formed], ...groups, [lost, formed]]
  // Of 5 scored: 1 right; math 1/5; format 4/5, the one that was cut counting as 0.
  expect(collectMetrics({ groups, sampled, numBatches: 2, promptsOfRounds: [1, 1, 1] })).toEqual({
    ...{ passRate: 0.2, rewardParts: { math: 0.2, format: 0.8 } },
    ...{ numBatches: 2, numRounds: 3, numGroups: 1, numSampledGroups: 3, numMaskedAnswers: 1 },
  })
})

test('one reward has no parts, and is right where it is 1', () => {
  const sampled = [[answer({ score: 1 }), answer({ score: 0.5 })]]
  expect(collectMetrics({ groups: sampled, sampled, numBatches: 1, promptsOfRounds: [1] })).toEqual({
    ...{ passRate: 0.5, numBatches: 1, numRounds: 1, numGroups: 1, numSampledGroups: 1, numMaskedAnswers: 0 },
  })
})

test('a step that lacks groups says so in numbers', () => {
  const groups = [[right], [right]]
  const sampled = [...groups, [formed], [formed], [formed]]
  expect(shortfallText({ groups, sampled, promptsOfRounds: [3, 1, 1] }, { promptsPerStep: 4 })).toBe(
    '2 of 4 groups kept after 3 rounds: 3 of 5 sampled had answers all as right as each other',
  )
  expect(shortfallText({ groups: [], sampled, promptsOfRounds: [5] }, { promptsPerStep: 4 })).toBe(
    '0 of 4 groups kept after 1 round: 5 of 5 sampled had answers all as right as each other; ' +
      'nothing is learned from this step',
  )
  expect(shortfallText({ groups, sampled, promptsOfRounds: [5] }, { promptsPerStep: 2 })).toBeUndefined()
})
