import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contextSchedule, type ScheduleState, type Stage } from '../../lib/schedule/context-schedule.js'

const calm = { meanTokens: 4, reward: 0.5 }
const whenTruncated = { truncatedShare: { above: 0.06, forSteps: 3 } }

/** Runs the shares through a schedule: the stage index of each step, and every reason given. */
function run(stages: Stage[], shares: number[]) {
  const schedule = contextSchedule(stages)
  let state = schedule.initialState
  const indices: number[] = []
  const reasons: string[] = []
  for (const truncatedShare of shares) {
    if (schedule.stageOf(state) === undefined) break
    indices.push(state.stage)
    const step = schedule.next(state, { ...calm, truncatedShare })
    if (step.why !== undefined) reasons.push(step.why)
    state = step.state
  }
  return { indices, reasons, state, isOver: schedule.stageOf(state) === undefined }
}

const zeros = (count: number) => new Array<number>(count).fill(0)

test('a stage of three steps has three steps, and the next begins with the fourth', () => {
  const { indices, reasons } = run(
    [
      { maxResponseTokens: 40, until: { steps: 3 } },
      { maxResponseTokens: 54, until: { steps: 1 } },
      { maxResponseTokens: 70 },
    ],
    zeros(7),
  )
  expect(indices).toEqual([0, 0, 0, 1, 2, 2, 2])
  expect(reasons).toEqual([
    'stage 1 of 3 (40 tokens) is over: 3 steps done',
    'stage 2 of 3 (54 tokens) is over: 1 steps done',
  ])
})

test('the step that ends a stage already names the next one', () => {
  const schedule = contextSchedule([
    { maxResponseTokens: 8, until: { steps: 1 } },
    { maxResponseTokens: 16, numAnswers: 16, learningRate: 2e-6, reset: ['optimizer', 'reference'] },
  ])
  const step = schedule.next(schedule.initialState, { ...calm, truncatedShare: 0 })
  expect(step.stage).toEqual({
    maxResponseTokens: 16,
    numAnswers: 16,
    learningRate: 2e-6,
    reset: ['optimizer', 'reference'],
  })
  expect(step.direction).toBe('forward')
  expect(step.state).toEqual({
    ...{ stage: 1, runSteps: 1, rateSteps: 0, dataSteps: 1, stageSteps: 0, cooldownSteps: 0 },
    ...{ truncatedShares: [], meanTokens: [], rewards: [], bestForDrop: null, bestForFall: null },
    ...{ reset: ['optimizer', 'reference'], backs: [0, 0], resets: [0, 0] },
  })
})

test('a last stage with an end ends the run, one without never does', () => {
  const ending = run([{ maxResponseTokens: 8, until: { steps: 2 } }], zeros(5))
  expect(ending.indices).toEqual([0, 0])
  expect(ending.isOver).toBe(true)
  expect(run([{ maxResponseTokens: 8 }], zeros(5000)).isOver).toBe(false)
})

test('a step after the end is an error', () => {
  const schedule = contextSchedule([{ maxResponseTokens: 8, until: { steps: 1 } }])
  const { state, stage } = schedule.next(schedule.initialState, { ...calm, truncatedShare: 0 })
  expect(stage).toBeUndefined()
  expect(() => schedule.next(state, { ...calm, truncatedShare: 0 })).toThrow(/no step after the last stage/)
})

test('a stage advances once its truncated share was above the bound in so many steps running', () => {
  const { indices, reasons } = run(
    [{ maxResponseTokens: 8, until: whenTruncated }, { maxResponseTokens: 16 }],
    [0.1, 0.1, 0.05, 0.07, 0.07, 0.07, 1],
  )
  expect(indices).toEqual([0, 0, 0, 0, 0, 0, 1])
  expect(reasons).toEqual([
    'stage 1 of 2 (8 tokens) is over: more than 6% of answers truncated in each of 3 steps, 7% in the last',
  ])
})

test('a share at the bound is not above it', () => {
  expect(
    run([{ maxResponseTokens: 8, until: whenTruncated }, { maxResponseTokens: 16 }], new Array(9).fill(0.06)).indices,
  ).toEqual(zeros(9))
})

test('of two ends the first to come counts', () => {
  const stages = (steps: number): Stage[] => [
    { maxResponseTokens: 8, until: { steps, ...whenTruncated } },
    { maxResponseTokens: 16 },
  ]
  expect(run(stages(2), [1, 1, 1, 1]).reasons).toEqual(['stage 1 of 2 (8 tokens) is over: 2 steps done'])
  expect(run(stages(9), [1, 1, 1, 1]).reasons[0]).toMatch(/truncated in each of 3 steps/)
  expect(run(stages(9), zeros(10)).indices).toEqual([...zeros(9), 1])
})

test('what was counted in one stage does not count in the next', () => {
  const stage = (maxResponseTokens: number): Stage => ({ maxResponseTokens, until: whenTruncated })
  expect(run([stage(8), stage(8), stage(8)], new Array(9).fill(1)).indices).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2])
})

test('next changes nothing it was given', () => {
  const schedule = contextSchedule([{ maxResponseTokens: 8, until: whenTruncated }, { maxResponseTokens: 16 }])
  const state = Object.freeze({ ...schedule.initialState })
  const first = schedule.next(state, { ...calm, truncatedShare: 1 })
  expect(schedule.next(state, { ...calm, truncatedShare: 1 })).toEqual(first)
})

test('a run that is saved and loaded at any step goes on as one that never stopped', () => {
  const stages: Stage[] = [
    { maxResponseTokens: 8, until: { steps: 7, ...whenTruncated } },
    { maxResponseTokens: 16, until: whenTruncated },
    { maxResponseTokens: 24, until: { steps: 5 } },
  ]
  const schedule = contextSchedule(stages)
  const share = fc.constantFrom(0, 0.06, 0.1)
  fc.assert(
    fc.property(fc.array(share, { maxLength: 40 }), (shares) => {
      let kept = schedule.initialState
      let saved = schedule.initialState
      for (const truncatedShare of shares) {
        if (schedule.stageOf(kept) === undefined) break
        kept = schedule.next(kept, { ...calm, truncatedShare }).state
        saved = contextSchedule(stages).next(JSON.parse(JSON.stringify(saved)) as ScheduleState, {
          ...calm,
          truncatedShare,
        }).state
      }
      expect(saved).toEqual(kept)
    }),
  )
})

test('whatever the shares, stages come in order and no step is in two', () => {
  const stages: Stage[] = [
    { maxResponseTokens: 8, until: { steps: 4, ...whenTruncated } },
    { maxResponseTokens: 16, until: { truncatedShare: { above: 0, forSteps: 1 } } },
    { maxResponseTokens: 24 },
  ]
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (shares) => {
      const { indices } = run(stages, shares)
      expect(indices.length).toBe(shares.length)
      indices.forEach((index, i) => {
        expect(index - (indices[i - 1] ?? 0)).toBeOneOf([0, 1])
      })
    }),
  )
})

test('a limit below the stage before must be said', () => {
  const stages = (mayShrink?: boolean): Stage[] => [
    { maxResponseTokens: 24, until: { steps: 1 } },
    { maxResponseTokens: 16, mayShrink },
  ]
  expect(() => contextSchedule(stages())).toThrow(
    '[context schedule] stage 2: expected at least 24 for maxResponseTokens, the limit of the stage before, got 16; where a shorter context is meant, say mayShrink: true',
  )
  expect(contextSchedule(stages(true)).stages.length).toBe(2)
})

test.each<[string, Stage[], RegExp]>([
  ['no stage', [], /at least one stage/],
  ['an endless stage before the last', [{ maxResponseTokens: 8 }, { maxResponseTokens: 8 }], /stage 1: expected until/],
  [
    'an empty until',
    [{ maxResponseTokens: 8, until: {} }],
    /expected steps, truncatedShare, answerLength, rewardPlateau or all in until/,
  ],
  ['a limit of 0', [{ maxResponseTokens: 0 }], /positive whole number for maxResponseTokens, got 0/],
  ['half a token', [{ maxResponseTokens: 8.5 }], /got 8\.5/],
  ['zero steps', [{ maxResponseTokens: 8, until: { steps: 0 } }], /until\.steps, got 0/],
  ['a share over 1', [{ maxResponseTokens: 8, until: { truncatedShare: { above: 6, forSteps: 2 } } }], /above, got 6/],
  [
    'a share over no steps',
    [{ maxResponseTokens: 8, until: { truncatedShare: { above: 0.1, forSteps: 0 } } }],
    /forSteps, got 0/,
  ],
])('%s is refused', (_, stages, message) => {
  expect(() => contextSchedule(stages)).toThrow(message)
})

test('metrics that are no share, and a state of another schedule, are refused', () => {
  const schedule = contextSchedule([{ maxResponseTokens: 8 }])
  for (const truncatedShare of [Number.NaN, -0.1, 1.1]) {
    expect(() => schedule.next(schedule.initialState, { ...calm, truncatedShare })).toThrow(/share from 0 to 1/)
  }
  const start = schedule.initialState
  for (const wrong of [
    { stage: 2 },
    { stageSteps: -1 },
    { backs: [0, 0] },
    { rewards: [null] as unknown as number[] },
    { reset: ['optimiser'] as never[] },
    { bestForFall: Number.NaN },
  ])
    expect(() => schedule.stageOf({ ...start, ...wrong })).toThrow(
      /expected a state of a schedule with 1 stages, got {/,
    )
})

test('a state that an earlier version saved is refused by what it lacks', () => {
  const schedule = contextSchedule([{ maxResponseTokens: 8 }])
  const old = { stage: 0, rateSteps: 3, dataSteps: 3, stageSteps: 3, truncatedSteps: 0, longSteps: 0, rewards: [] }
  expect(() => schedule.next(old as never, { ...calm, truncatedShare: 0 })).toThrow(
    '[context schedule] expected a state of a schedule with 1 stages, got one without runSteps, cooldownSteps, backs, resets, reset, truncatedShares, meanTokens, bestForDrop, bestForFall',
  )
})

test('the rate’s schedule and the data’s order go on from stage to stage unless one begins them anew', () => {
  const stages: Stage[] = [
    { maxResponseTokens: 8, until: { steps: 2 } },
    { maxResponseTokens: 8, until: { steps: 2 } },
    { maxResponseTokens: 8, reset: ['dataOrder'], until: { steps: 2 } },
    { maxResponseTokens: 8, learningRate: 1e-6, until: { steps: 2 } },
    { maxResponseTokens: 8, reset: ['optimizer'], until: { steps: 1 } },
  ]
  const schedule = contextSchedule(stages)
  const counts: [number, number][] = []
  for (let state = schedule.initialState; schedule.stageOf(state); ) {
    counts.push([state.rateSteps, state.dataSteps])
    state = schedule.next(state, { ...calm, truncatedShare: 0 }).state
  }
  expect(counts.map(([rate]) => rate)).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 0])
  expect(counts.map(([, data]) => data)).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 4])
})

test.each<[Partial<Stage>, string]>([
  [{ temperature: 0 }, 'expected a number above 0 for temperature, got 0'],
  [{ clipHigh: -1 }, 'expected more than 0 for clipHigh, got -1'],
  [{ klWeight: -1 }, 'expected a number of at least 0 for klWeight, got -1'],
  [{ klEstimator: 'k4' } as object, 'expected k1, k2 or k3 for klEstimator, got k4'],
  [{ entropyWeight: -1 }, 'expected a number of at least 0 for entropyWeight, got -1'],
  [{ numAnswers: 1.5 }, 'expected a positive whole number for numAnswers, got 1.5'],
  [{ numAnswer: 2 } as Partial<Stage>, 'unknown key "numAnswer"; did you mean "numAnswers"?'],
  [{ reset: ['optimiser'] } as object, 'expected optimizer, dataOrder, reference in reset, got optimiser'],
  [{ until: { step: 1 } } as object, 'unknown key "step" in until; did you mean "steps"?'],
  [
    { until: { truncatedShare: { above: 0.1, forStep: 2 } } } as object,
    'unknown key "forStep" in until.truncatedShare; did you mean "forSteps"?',
  ],
  [
    { until: { truncatedShare: { above: 0.1 } } } as object,
    'expected a positive whole number for until.truncatedShare.forSteps, got undefined',
  ],
  [{ learningRate: Number.POSITIVE_INFINITY }, 'expected a number of at least 0 for learningRate, got Infinity'],
  [{ temperature: Number.POSITIVE_INFINITY }, 'expected a number above 0 for temperature, got Infinity'],
  [
    { learningRateSchedule: { decay: 'exp' } } as object,
    'expected one of constant, linear, cosine for learningRateSchedule.decay, got exp',
  ],
  [
    { learningRateSchedule: { warmupSteps: -3 } },
    'expected a whole number for learningRateSchedule.warmupSteps, got -3',
  ],
  [
    { learningRateSchedule: { finalFraction: -3 } },
    'expected a share from 0 to 1 for learningRateSchedule.finalFraction, got -3',
  ],
  [
    { learningRateSchedule: { decay: 'linear' } },
    'expected steps in learningRateSchedule, the end of its linear decay',
  ],
])('a stage with %o is refused', (settings, message) => {
  expect(() => contextSchedule([{ maxResponseTokens: 8, ...settings }])).toThrow(
    `[context schedule] stage 1: ${message}`,
  )
})

test('a reward that is no number is refused', () => {
  const schedule = contextSchedule([{ maxResponseTokens: 8 }])
  const metrics = { ...calm, truncatedShare: 0, reward: Number.NaN }
  expect(() => schedule.next(schedule.initialState, metrics)).toThrow(/a number for reward, got NaN/)
})

test('a step that drew several batches is so many steps on in the order of the data', () => {
  const schedule = contextSchedule([{ maxResponseTokens: 8 }])
  const { state } = schedule.next(schedule.initialState, { ...calm, truncatedShare: 0, numBatches: 3 })
  expect(schedule.next(state, { ...calm, truncatedShare: 0 }).state).toMatchObject({ dataSteps: 4, runSteps: 2 })
  expect(() => schedule.next(state, { ...calm, truncatedShare: 0, numBatches: 0 })).toThrow(/numBatches, got 0/)
})

test('the run’s own number of steps ends it in any stage', () => {
  const stages: Stage[] = [
    { maxResponseTokens: 8, until: { steps: 3 } },
    { maxResponseTokens: 16, until: { steps: 9 } },
    { maxResponseTokens: 24 },
  ]
  const whysAfter = (maxSteps: number) => {
    const schedule = contextSchedule(stages, { maxSteps })
    const whys: string[] = []
    let state = schedule.initialState
    while (schedule.stageOf(state)) {
      const step = schedule.next(state, { ...calm, truncatedShare: 0 })
      if (step.why !== undefined) whys.push(step.why)
      state = step.state
    }
    expect(state.runSteps).toBe(maxSteps)
    return whys
  }
  expect(whysAfter(5)).toEqual([
    'stage 1 of 3 (8 tokens) is over: 3 steps done',
    'the run is over in stage 2 of 3 (16 tokens): all 5 steps done',
  ])
  expect(whysAfter(3)).toEqual(['the run is over in stage 1 of 3 (8 tokens): all 3 steps done'])
  expect(whysAfter(20).at(-1)).toBe('the run is over in stage 3 of 3 (24 tokens): all 20 steps done')
  expect(() => contextSchedule(stages, { maxSteps: 1.5 })).toThrow(/positive whole number for maxSteps, got 1\.5/)
})
