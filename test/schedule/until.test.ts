import { describe, expect, test } from 'vitest'
import { slopeOf } from '../../lib/schedule/slope.js'
import {
  advance,
  noProgress,
  type Progress,
  type ScheduleMetrics,
  type Until,
  untilProblem,
  whyOver,
} from '../../lib/schedule/until.js'

const calm: ScheduleMetrics = { truncatedShare: 0, meanTokens: 10, reward: 0.5 }
const stageOf = (until: Until) => ({ maxResponseTokens: 100, until })

/** After how many of the steps the stage is over, and why. */
function run(until: Until, steps: Partial<ScheduleMetrics>[]): { numSteps: number; why: string } | undefined {
  let progress: Progress = noProgress
  for (const [i, step] of steps.entries()) {
    progress = advance(progress, { ...calm, ...step }, stageOf(until))
    const why = whyOver(stageOf(until), progress)
    if (why !== undefined) return { numSteps: i + 1, why }
  }
  return undefined
}

const lengths = (...values: number[]) => values.map((meanTokens) => ({ meanTokens }))
const rewards = (...values: number[]) => values.map((reward) => ({ reward }))

describe('the length of answers', () => {
  test('ends a stage once it was above so many tokens in so many steps running', () => {
    const until = { answerLength: { above: 60, forSteps: 2 } }
    expect(run(until, lengths(61, 60, 61, 62, 70))).toEqual({
      numSteps: 4,
      why: 'answers of more than 60 tokens on average in each of 2 steps',
    })
    expect(run(until, lengths(60, 60, 60))).toBeUndefined()
  })

  test('below 1 is a share of the limit', () => {
    expect(run({ answerLength: { above: 0.5, forSteps: 1 } }, lengths(49, 50, 50.5))).toEqual({
      numSteps: 3,
      why: 'answers of more than 50 tokens on average in each of 1 steps',
    })
  })
})

describe('a plateau of the reward', () => {
  const until = { rewardPlateau: { overSteps: 3, slopeBelow: 0.01 } }

  test('is looked for over the last steps, once there are so many', () => {
    // Slopes of three: (c − a) / 2 = 0.1, 0.05, 0.005.
    expect(run(until, rewards(0.1, 0.2, 0.3, 0.3, 0.31))).toEqual({
      numSteps: 5,
      why: 'the reward rose by 0.005 a step over 3 steps, less than 0.01',
    })
    expect(run(until, rewards(0.5, 0.5))).toBeUndefined()
  })

  test('is there too where the reward falls', () => {
    expect(run(until, rewards(0.5, 0.4, 0.3))?.numSteps).toBe(3)
  })

  test('remembers no more rewards than it looks at, and none where it is not asked for', () => {
    let progress: Progress = noProgress
    for (let reward = 0; reward < 9; reward++) progress = advance(progress, { ...calm, reward }, stageOf(until))
    expect(progress.rewards).toEqual([6, 7, 8])
    expect(advance(noProgress, calm, stageOf({ steps: 1 })).rewards).toEqual([])
  })
})

test('the first condition to come ends the stage', () => {
  const until = { steps: 3, answerLength: { above: 50, forSteps: 2 }, rewardPlateau: { overSteps: 2, slopeBelow: 0 } }
  expect(run(until, rewards(0.1, 0.2, 0.3, 0.4))).toEqual({ numSteps: 3, why: '3 steps done' })
  expect(run(until, [{ meanTokens: 60 }, { meanTokens: 60, reward: 1 }])?.why).toMatch(/more than 50 tokens/)
  expect(run(until, rewards(0.2, 0.1))?.why).toMatch(/rose by -0.1 a step/)
})

test('the slope is that of the least-squares line', () => {
  expect(slopeOf([1, 3, 5, 7])).toBe(2)
  // x − 1 = −1, 0, 1 against 1, 0, 3: (−1 + 3) / 2.
  expect(slopeOf([1, 0, 3])).toBe(1)
})

test.each<[string, Until, RegExp]>([
  ['nothing', {}, /expected steps, truncatedShare, answerLength or rewardPlateau/],
  ['a length of nothing', { answerLength: { above: 0, forSteps: 1 } }, /answerLength\.above, got 0/],
  [
    'a length that no answer exceeds',
    { answerLength: { above: 100, forSteps: 1 } },
    /fewer tokens than its 100.*got 100/,
  ],
  ['a length in no step', { answerLength: { above: 9, forSteps: 0 } }, /answerLength\.forSteps, got 0/],
  ['a plateau of one step', { rewardPlateau: { overSteps: 1, slopeBelow: 0 } }, /at least 2 for .*overSteps, got 1/],
  ['a slope of no number', { rewardPlateau: { overSteps: 2, slopeBelow: Number.NaN } }, /slopeBelow, got NaN/],
])('%s is refused', (_, until, message) => {
  expect(untilProblem(stageOf(until))).toMatch(message)
})
