import { describe, expect, test } from 'vitest'
import { contextSchedule, type Until } from '../../lib/schedule/context-schedule.js'
import type { ScheduleMetrics } from '../../lib/schedule/history.js'
import { slopeOf, trendOf } from '../../lib/schedule/slope.js'
import { untilProblem } from '../../lib/schedule/until.js'

const calm: ScheduleMetrics = { truncatedShare: 0, meanTokens: 10, reward: 0.5 }
const stageOf = (until: Until) => ({ maxResponseTokens: 100, until })

/** After how many of the steps the stage is over, and why. */
function run(until: Until, steps: Partial<ScheduleMetrics>[]): { numSteps: number; why: string } | undefined {
  const schedule = contextSchedule([stageOf(until), { maxResponseTokens: 200 }])
  let state = schedule.initialState
  for (const [i, step] of steps.entries()) {
    const { why, state: next } = schedule.next(state, { ...calm, ...step })
    if (why !== undefined) return { numSteps: i + 1, why: why.replace('stage 1 of 2 (100 tokens) is over: ', '') }
    state = next
  }
  return undefined
}

const lengths = (...values: number[]) => values.map((meanTokens) => ({ meanTokens }))
const rewards = (...values: number[]) => values.map((reward) => ({ reward }))
const truncated = (...values: number[]) => values.map((truncatedShare) => ({ truncatedShare }))

describe('the length of answers', () => {
  test('ends a stage once it was above so many tokens in so many steps running', () => {
    const until = { answerLength: { above: 60, forSteps: 2 } }
    expect(run(until, lengths(61, 60, 61, 62, 70))).toEqual({
      numSteps: 4,
      why: 'answers of more than 60 tokens on average in each of 2 steps, 62 in the last',
    })
    expect(run(until, lengths(60, 60, 60))).toBeUndefined()
  })

  test('below 1 is a share of the limit', () => {
    expect(run({ answerLength: { above: 0.5, forSteps: 1 } }, lengths(49, 50, 50.5))).toEqual({
      numSteps: 3,
      why: 'answers of more than 50 tokens on average in each of 1 steps, 50.5 in the last',
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
    expect(run(until, rewards(0.5, 0.4, 0.3))).toEqual({
      numSteps: 3,
      why: 'the reward fell by 0.1 a step over 3 steps, less than 0.01',
    })
  })

  test('with standard errors is there only once the slope is low for certain', () => {
    // Of 0, 0, 3, 0: slope 0.3, residuals −0.3, −0.6, 2.1, −1.2, so the standard error is √(6.3 / 2 / 5) = 0.794: 0.3 + 0.794 < 1.1.
    const steps = rewards(0, 0, 3, 0)
    const plateau = (slopeBelow: number) => ({ rewardPlateau: { overSteps: 4, slopeBelow, standardErrors: 1 } })
    expect(run(plateau(1.09), steps)).toBeUndefined()
    expect(run(plateau(1.1), steps)).toEqual({
      numSteps: 4,
      why: 'the reward rose by 0.3 ± 0.794 a step over 4 steps, less than 1.1 with 1 standard errors added',
    })
  })
})

describe('several conditions', () => {
  test('the first to come ends the stage', () => {
    const until = { steps: 3, answerLength: { above: 50, forSteps: 2 }, rewardPlateau: { overSteps: 2, slopeBelow: 0 } }
    expect(run(until, rewards(0.1, 0.2, 0.3, 0.4))).toEqual({ numSteps: 3, why: '3 steps done' })
    expect(run(until, [{ meanTokens: 60 }, { meanTokens: 60, reward: 1 }])?.why).toMatch(/more than 50 tokens/)
    expect(run(until, rewards(0.2, 0.1))?.why).toMatch(/fell by 0.1 a step/)
  })

  test('of all, none is enough by itself', () => {
    const all = { truncatedShare: { above: 0.1, forSteps: 2 }, answerLength: { above: 50, forSteps: 1 } }
    const cut = { truncatedShare: 0.2 }
    const long = { meanTokens: 60 }
    expect(run({ all }, [cut, cut, cut, long, { ...cut, ...long }, cut, { ...cut, ...long }])).toEqual({
      numSteps: 7,
      why:
        'more than 10% of answers truncated in each of 2 steps, 20% in the last, ' +
        'and answers of more than 50 tokens on average in each of 1 steps, 60 in the last',
    })
    expect(run({ all, steps: 2 }, [cut, cut])?.why).toBe('2 steps done')
  })

  test('wait for the fewest steps of a stage, which the number of its steps does not', () => {
    const until = { minSteps: 4, truncatedShare: { above: 0.1, forSteps: 1 } }
    expect(run(until, truncated(1, 1, 1, 1))?.numSteps).toBe(4)
    expect(run(until, truncated(1, 1, 1, 0, 0.2))?.numSteps).toBe(5)
    expect(run({ ...until, steps: 4 }, truncated(0, 0, 0, 0))?.numSteps).toBe(4)
  })
})

describe('while the reward falls', () => {
  const falling = Array.from({ length: 40 }, (_, i) => ({
    ...{ truncatedShare: 0.3 + i / 100, reward: 0.8 - i / 100 },
    meanTokens: 50 + i,
  }))

  test.each<Until>([
    { truncatedShare: { above: 0.3, forSteps: 12 } },
    { answerLength: { above: 50, forSteps: 12 } },
    { rewardPlateau: { overSteps: 12, slopeBelow: 0.001 } },
    { all: { truncatedShare: { above: 0.3, forSteps: 12 }, answerLength: { above: 50, forSteps: 12 } } },
  ])('no stage ends by %j', (until) => {
    expect(run(until, falling)).toBeUndefined()
    expect(run({ ...until, steps: 30 }, falling)).toEqual({ numSteps: 30, why: '30 steps done' })
  })

  test('is not what a few steps say, nor a fall that could be chance', () => {
    const until = { truncatedShare: { above: 0.3, forSteps: 5 } }
    expect(run(until, falling)?.numSteps).toBe(6)
    const unsure = [0.5, 0.7, 0.4, 0.6, 0.5, 0.6, 0.4, 0.5, 0.6, 0.4, 0.5].map((reward) => ({
      reward,
      truncatedShare: 0.4,
    }))
    expect(run({ ...until, minSteps: 11 }, unsure)?.numSteps).toBe(11)
  })

  test('is looked for over as many steps as the recipe says', () => {
    // Twenty steps fall, then the reward stays. Once all but one of the last 10 have stayed, at the 29th, the slope is 1.73 standard
    // errors below 0: r = −4.5 / √(82.5 · 0.9), t = r √8 / √(1 − r²).
    // A fifth of 10 steps must not fall: 2.
    const steps = [...falling.slice(0, 20), ...Array.from({ length: 40 }, () => ({ truncatedShare: 0.5, reward: 0.6 }))]
    const until = { truncatedShare: { above: 0.3, forSteps: 12 } }
    expect(
      run({ ...until, unlessRewardFalls: { overSteps: 10, standardErrors: 1.8, share: 1 } }, steps)?.numSteps,
    ).toBe(30)
    expect(run({ ...until, unlessRewardFalls: { share: 1 } }, steps)).toBeUndefined()
  })

  test('nor does one end where the reward has fallen and stays low, until it is back within the share of its best', () => {
    const level = (reward: number, length: number) => Array.from({ length }, () => ({ truncatedShare: 0.5, reward }))
    const until = { truncatedShare: { above: 0.3, forSteps: 40 }, unlessRewardFalls: { overSteps: 20 } }
    const fallen = [...level(0.6, 20), ...level(0.5, 60)]
    expect(run(until, fallen)).toBeUndefined()
    // With 6 of 20 at 0.65 the mean is 0.545, more than nine tenths of 0.6; with 5 it is 0.5375.
    expect(run(until, [...fallen, ...level(0.65, 20)])?.numSteps).toBe(86)
    // The fall after step 20 must be in none of the last 4 windows of 20.
    expect(run({ ...until, unlessRewardFalls: { overSteps: 20, share: 0.2 } }, fallen)?.numSteps).toBe(43)
  })

  test.each([-1, -0.1, 0, 0.1])('a reward that stays at %f has not fallen', (reward) => {
    const steps = Array.from({ length: 60 }, () => ({ truncatedShare: 0.5, reward }))
    expect(run({ truncatedShare: { above: 0.3, forSteps: 55 } }, steps)?.numSteps).toBe(55)
  })

  test('below 0 it has fallen once it is lower than its best by more than a share of its size', () => {
    const level = (reward: number, length: number) => Array.from({ length }, () => ({ truncatedShare: 0.5, reward }))
    const until = { truncatedShare: { above: 0.3, forSteps: 40 }, unlessRewardFalls: { overSteps: 20 } }
    expect(run(until, [...level(-0.5, 20), ...level(-0.6, 60)])).toBeUndefined()
    // 0.04 is less than a tenth of 0.5; the step down must be in none of the last 4 windows of 20.
    expect(run(until, [...level(-0.5, 20), ...level(-0.54, 60)])?.numSteps).toBe(43)
  })

  test('the noise of a reward around 0 is no fall', () => {
    // Means of 20 are 0.04 at best, −0.04 at last: 0.08 lower, more than a tenth of the best, less than a standard error of 0.4 · √(20/19) / √20 = 0.092.
    const swings = (middle: number, length: number) =>
      Array.from({ length }, (_, i) => ({ truncatedShare: 0.5, reward: middle + (i % 2 === 0 ? 0.4 : -0.4) }))
    const steps = [...swings(0.04, 20), ...swings(-0.04, 60)]
    const until = { truncatedShare: { above: 0.3, forSteps: 60 }, unlessRewardFalls: { overSteps: 20 } }
    expect(run(until, steps)?.numSteps).toBe(60)
    expect(run({ ...until, unlessRewardFalls: { overSteps: 20, standardErrors: 0.4 } }, steps)).toBeUndefined()
  })
})

test('the slope is that of the least-squares line', () => {
  expect(slopeOf([1, 3, 5, 7])).toBe(2)
  // x − 1 = −1, 0, 1 against 1, 0, 3: (−1 + 3) / 2.
  expect(slopeOf([1, 0, 3])).toBe(1)
})

test('equal values have no trend, whatever their rounding', () => {
  for (const value of [0, 0.1, 0.4, 1 / 3, 0.7, 1])
    for (const count of [3, 10, 50, 77])
      expect(trendOf(new Array<number>(count).fill(value))).toEqual({ slope: 0, standardError: 0 })
})

test('the slope’s standard error is 0 on a line, and without end for two values', () => {
  expect(trendOf([1, 3, 5, 7])).toEqual({ slope: 2, standardError: 0 })
  expect(trendOf([1, 3])).toEqual({ slope: 2, standardError: Number.POSITIVE_INFINITY })
  // Slope 1, mean 4/3: residuals 2/3, −4/3, 2/3, squares 24/9; by 1 degree of freedom and Σ (i − 1)² = 2: √(4/3).
  expect(trendOf([1, 0, 3]).standardError).toBeCloseTo(Math.sqrt(4 / 3), 12)
})

test.each<[string, Until, RegExp]>([
  ['nothing', {}, /expected steps, truncatedShare, answerLength, rewardPlateau or all in until/],
  ['a fewest number of steps alone', { minSteps: 3 }, /expected steps, .* or all in until/],
  ['a length of nothing', { answerLength: { above: 0, forSteps: 1 } }, /answerLength\.above, got 0/],
  [
    'a length that no answer exceeds',
    { answerLength: { above: 100, forSteps: 1 } },
    /fewer tokens than its 100.*got 100/,
  ],
  ['a length in no step', { answerLength: { above: 9, forSteps: 0 } }, /answerLength\.forSteps, got 0/],
  ['a plateau of one step', { rewardPlateau: { overSteps: 1, slopeBelow: 0 } }, /at least 2 for .*overSteps, got 1/],
  ['a slope of no number', { rewardPlateau: { overSteps: 2, slopeBelow: Number.NaN } }, /slopeBelow, got NaN/],
  [
    'standard errors of two steps',
    { rewardPlateau: { overSteps: 2, slopeBelow: 0, standardErrors: 1 } },
    /at least 3 for until\.rewardPlateau\.overSteps, got 2/,
  ],
  [
    'negative standard errors',
    { rewardPlateau: { overSteps: 9, slopeBelow: 0, standardErrors: -1 } },
    /at least 0 for until\.rewardPlateau\.standardErrors, got -1/,
  ],
  ['one of all', { all: { answerLength: { above: 9, forSteps: 1 } } }, /at least 2 conditions in until\.all, got 1/],
  ['steps among all', { all: { steps: 1 } as object }, /unknown key "steps" in until\.all; known are truncatedShare/],
  ['a drop', { rewardDrop: { by: 0.1, overSteps: 3 } } as object, /unknown key "rewardDrop" in until; known are steps/],
  ['more steps than it has', { steps: 3, minSteps: 4, answerLength: { above: 9, forSteps: 1 } }, /at most steps = 3/],
  ['fewest steps of nothing else', { steps: 3, minSteps: 2 }, /a condition beside steps for until\.minSteps, got none/],
  ['a fall of nothing else', { steps: 3, unlessRewardFalls: {} }, /a condition beside steps for until\.unlessReward/],
  [
    'a fall over few steps',
    { unlessRewardFalls: { overSteps: 9 }, answerLength: { above: 9, forSteps: 1 } },
    /at least 10 for until\.unlessRewardFalls\.overSteps, got 9/,
  ],
])('%s is refused', (_, until, message) => {
  expect(untilProblem(stageOf(until))).toMatch(message)
})
