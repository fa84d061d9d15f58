import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  contextSchedule,
  type ScheduleMetrics,
  type ScheduleState,
  type Stage,
} from '../../lib/schedule/context-schedule.js'

const calm: ScheduleMetrics = { truncatedShare: 0, meanTokens: 4, reward: 0.5 }
const cut: ScheduleMetrics = { ...calm, truncatedShare: 0.5 }
const whenCut = { truncatedShare: { above: 0.2, forSteps: 2 } }
const first: Stage = { maxResponseTokens: 8, until: { steps: 3 } }

/** The stage of each step, counted from 1, and every reason given. */
function run(stages: Stage[], steps: readonly ScheduleMetrics[], from?: ScheduleState) {
  const schedule = contextSchedule(stages)
  const visited: number[] = []
  const whys: string[] = []
  const states: ScheduleState[] = []
  let state = from ?? schedule.initialState
  for (const metrics of steps) {
    if (schedule.stageOf(state) === undefined) break
    visited.push(state.stage + 1)
    const next = schedule.next(state, metrics)
    if (next.why !== undefined) whys.push(`${next.direction}: ${next.why}`)
    state = next.state
    states.push(state)
  }
  return { visited, whys, state, states }
}

const times = (count: number, metrics: ScheduleMetrics) => new Array<ScheduleMetrics>(count).fill(metrics)
const rewards = (...values: number[]) => values.map((reward) => ({ ...calm, reward }))

describe('a step back', () => {
  test('is made once its condition is met, and no more often than the stage says', () => {
    const stages: Stage[] = [first, { maxResponseTokens: 16, back: { ...whenCut, atMost: 2 } }]
    const { visited, whys, state } = run(stages, times(20, cut))
    expect(visited).toEqual([1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2])
    expect(whys).toEqual([
      'forward: stage 1 of 2 (8 tokens) is over: 3 steps done',
      'back: stage 2 of 2 (16 tokens) goes back to stage 1 of 2 (8 tokens), time 1 of at most 2: ' +
        'more than 20% of answers truncated in each of 2 steps, 50% in the last',
      'forward: stage 1 of 2 (8 tokens) is over: 3 steps done',
      expect.stringMatching(/^back: .*, time 2 of at most 2: /),
      'forward: stage 1 of 2 (8 tokens) is over: 3 steps done',
    ])
    expect(state.backs).toEqual([0, 2])
  })

  test('is made once where nothing else is said', () => {
    expect(run([first, { maxResponseTokens: 16, back: whenCut }], times(12, cut)).state.backs).toEqual([0, 1])
  })

  test('waits for the fewest steps of the stage', () => {
    const { visited } = run([first, { maxResponseTokens: 16, back: { ...whenCut, minSteps: 4 } }], times(9, cut))
    expect(visited).toEqual([1, 1, 1, 2, 2, 2, 2, 1, 1])
  })

  test('goes before the end of the stage, but not before that of the run', () => {
    const back = { truncatedShare: { above: 0.2, forSteps: 3 } }
    const stages: Stage[] = [first, { maxResponseTokens: 16, until: { steps: 3 }, back }, { maxResponseTokens: 24 }]
    expect(run(stages, times(7, cut)).visited.at(-1)).toBe(1)
    const { state, visited } = run([first, { maxResponseTokens: 16, until: { steps: 3 }, back }], times(7, calm))
    expect([visited.length, state.stage]).toEqual([6, 2])
  })

  test('is followed by steps in which nothing moves', () => {
    const stages: Stage[] = [
      { maxResponseTokens: 8, until: { steps: 2, ...whenCut } },
      { maxResponseTokens: 16, back: { ...whenCut, cooldownSteps: 5 } },
    ]
    expect(run(stages, times(12, cut)).visited).toEqual([1, 1, 2, 2, 1, 1, 1, 1, 1, 2, 2, 2])
  })

  test('begins anew what it says and nothing that the stage gone back to says of its first beginning', () => {
    const stages: Stage[] = [
      { ...first, reset: ['dataOrder'] },
      { maxResponseTokens: 16, reset: ['reference'], back: { ...whenCut, reset: ['optimizer'] } },
    ]
    const { states, whys } = run(stages, times(6, cut))
    expect(states.map(({ reset }) => reset)).toEqual([[], [], ['reference'], [], ['optimizer'], []])
    expect(states.map(({ rateSteps, dataSteps }) => [rateSteps, dataSteps])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [0, 5],
      [1, 6],
    ])
    expect(whys[1]).toMatch(/goes back to stage 1 of 2 \(8 tokens\), optimizer begun anew, time 1/)
  })

  test('enters a stage that selects its rows, or has a rate of its own, with an order and a rate begun anew', () => {
    const stages: Stage[] = [
      { ...first, select: { minPassRate: 0.1 }, learningRate: 1e-3 },
      { maxResponseTokens: 16, back: whenCut },
    ]
    expect(run(stages, times(5, cut)).state).toMatchObject({ stage: 0, rateSteps: 0, dataSteps: 0, stageSteps: 0 })
  })

  test('counts the end of the stage gone back to from its first step again', () => {
    const stages: Stage[] = [
      { maxResponseTokens: 8, until: { truncatedShare: { above: 0.2, forSteps: 3 } } },
      { maxResponseTokens: 16, back: whenCut },
    ]
    expect(run(stages, times(9, cut)).visited).toEqual([1, 1, 1, 2, 2, 1, 1, 1, 2])
  })
})

describe('a drop of the reward', () => {
  const back = { rewardDrop: { by: 0.15, overSteps: 2 } }

  test('is measured from the best of the stage', () => {
    const stages: Stage[] = [
      { ...first, temperature: 0.6 },
      { maxResponseTokens: 16, temperature: 1, back },
    ]
    // Means of two in the second stage: 0.5, 0.55, 0.45, 0.375, which is 0.175 below the best.
    const { visited, whys } = run(stages, rewards(0.9, 0.9, 0.9, 0.4, 0.6, 0.5, 0.4, 0.35, 0.9))
    expect(visited).toEqual([1, 1, 1, 2, 2, 2, 2, 2, 1])
    expect(whys[1]).toMatch(/: a mean reward of 0.375 over 2 steps, 0.175 below the best of 0.55, more than 0.15$/)
  })

  test('is measured from the stage before too where that samples the same rows alike', () => {
    const second: Stage = { maxResponseTokens: 16, back }
    const steps = rewards(0.5, 0.8, 0.8, 0.6, 0.6, 0.6)
    expect(run([first, second], steps).visited).toEqual([1, 1, 1, 2, 2, 1])
    expect(run([first, { ...second, select: { minPassRate: 0 } }], steps).visited).toEqual([1, 1, 1, 2, 2, 2])
    expect(run([first, { ...second, temperature: 0.5 }], steps).visited).toEqual([1, 1, 1, 2, 2, 2])
  })

  test('may be asked for together with another condition', () => {
    const all = { ...back, ...whenCut }
    const stages: Stage[] = [first, { maxResponseTokens: 16, back: { all } }]
    const low = { ...cut, reward: 0.1 }
    expect(run(stages, [...times(5, calm), cut, cut, cut]).visited.at(-1)).toBe(2)
    expect(run(stages, [...times(5, calm), low, low, calm]).visited.at(-1)).toBe(1)
  })
})

test('whatever is measured, the moves are no more than the stages allow', () => {
  const stages: Stage[] = [
    { maxResponseTokens: 8, until: whenCut },
    { maxResponseTokens: 16, until: whenCut, back: { rewardDrop: { by: 0.1, overSteps: 1 }, atMost: 3 } },
    { maxResponseTokens: 24, back: { truncatedShare: { above: 0.1, forSteps: 1 }, atMost: 2, cooldownSteps: 1 } },
  ]
  const step = fc.record({
    truncatedShare: fc.constantFrom(0, 0.15, 0.5),
    meanTokens: fc.constant(4),
    reward: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 120 }), (steps) => {
      const { visited, whys, state } = run(stages, steps)
      // Each step back allows one more step forward.
      expect(whys.length).toBeLessThanOrEqual(2 + 2 * 5)
      expect(state.backs.every((count, i) => count <= ([0, 3, 2][i] as number))).toBe(true)
      for (const [i, stage] of visited.entries()) expect(Math.abs(stage - (visited[i - 1] ?? 1))).toBeLessThanOrEqual(1)
    }),
    { numRuns: 50 },
  )
})

test('a stage gone back to that no row is left for is skipped, and the one it came from begins again', () => {
  const schedule = contextSchedule([first, { maxResponseTokens: 16, reset: ['reference'], back: whenCut }])
  const { state } = run([...schedule.stages], times(5, cut))
  const skipped = schedule.skip(state, 'no row is left for it')
  expect(skipped).toMatchObject({ direction: 'forward', why: 'stage 1 of 2 is skipped: no row is left for it' })
  expect(skipped.state).toMatchObject({ stage: 1, stageSteps: 0, backs: [0, 1], reset: ['reference'] })
})

test.each<[object, string]>([
  [{}, 'expected truncatedShare, answerLength, rewardPlateau, rewardDrop or all in back'],
  [{ minSteps: 3 }, 'expected truncatedShare, answerLength, rewardPlateau, rewardDrop or all in back'],
  [{ rewardDrops: 1 }, 'unknown key "rewardDrops" in back; did you mean "rewardDrop"?'],
  [{ rewardDrop: { by: 0, overSteps: 2 } }, 'expected a number above 0 for back.rewardDrop.by, got 0'],
  [{ rewardDrop: { by: 0.1 } }, 'expected a positive whole number for back.rewardDrop.overSteps, got undefined'],
  [{ all: whenCut }, 'expected at least 2 conditions in back.all, got 1'],
  [{ ...whenCut, atMost: 0 }, 'expected a positive whole number for back.atMost, got 0'],
  [{ ...whenCut, cooldownSteps: -1 }, 'expected a whole number for back.cooldownSteps, got -1'],
  [{ ...whenCut, minSteps: 0.5 }, 'expected a whole number for back.minSteps, got 0.5'],
  [{ ...whenCut, reset: ['weights'] }, 'expected optimizer, dataOrder, reference in back.reset, got weights'],
  [
    { rewardDrop: { by: 1, overSteps: 2 }, all: { rewardDrop: { by: 1, overSteps: 3 }, ...whenCut } },
    'expected one rewardDrop in back, got another in back.all: the stage remembers one best reward',
  ],
])('a stage that goes back by %j is refused', (back, message) => {
  expect(() => contextSchedule([first, { maxResponseTokens: 16, back }])).toThrow(
    `[context schedule] stage 2: ${message}`,
  )
})

test('the first stage has nowhere to go back to', () => {
  expect(() => contextSchedule([{ ...first, back: whenCut }])).toThrow(
    '[context schedule] stage 1: expected no back in the first stage: no stage is before it',
  )
})
