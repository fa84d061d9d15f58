import { expect, test } from 'vitest'
import { contextSchedule, type OnPlateau, type Stage } from '../../lib/schedule/context-schedule.js'

const onPlateau: OnPlateau = { overSteps: 3, slopeBelow: 0.01, reset: ['reference', 'optimizer'], atMost: 2 }

/** What is said after each step, by step, of a reward that does not move. */
function notesOf(stage: Partial<Stage>, numSteps: number) {
  const schedule = contextSchedule([{ maxResponseTokens: 8, ...stage }, { maxResponseTokens: 16 }])
  const notes: [number, string][] = []
  let state = schedule.initialState
  for (let step = 1; step <= numSteps; step++) {
    const next = schedule.next(state, { truncatedShare: 0.1, meanTokens: 4, reward: 0.5 })
    const text = next.note ?? next.why
    if (text !== undefined) notes.push([step, text])
    state = next.state
  }
  return { notes, state }
}

test('where the reward stalls, what the stage says begins anew, so many steps apart and so often', () => {
  const { notes, state } = notesOf({ onPlateau, until: { steps: 100 } }, 20)
  const begun = 'stage 1 of 2 (8 tokens) goes on with reference and optimizer begun anew'
  const stalled = 'the reward rose by 0 a step over 3 steps, less than 0.01'
  expect(notes).toEqual([
    [3, `${begun}, time 1 of at most 2: ${stalled}`],
    [6, `${begun}, time 2 of at most 2: ${stalled}`],
  ])
  expect(state).toMatchObject({ stage: 0, stageSteps: 20, resets: [2, 0], rateSteps: 14, dataSteps: 20 })
})

test('a plateau ends a stage only when nothing is left to begin anew', () => {
  const until = { rewardPlateau: { overSteps: 3, slopeBelow: 0.01 } }
  const { notes } = notesOf({ onPlateau, until }, 9)
  expect(notes.map(([step, text]) => [step, text.includes('is over')])).toEqual([
    [3, false],
    [6, false],
    [9, true],
  ])
})

test('another end of the stage is not put off', () => {
  const until = { rewardPlateau: { overSteps: 3, slopeBelow: 0.01 }, truncatedShare: { above: 0.05, forSteps: 3 } }
  const { notes } = notesOf({ onPlateau, until }, 3)
  expect(notes.map(([step, text]) => [step, text.includes('is over')])).toEqual([[3, true]])
})

test('what begins anew is in the state until the next step is done', () => {
  const schedule = contextSchedule([{ maxResponseTokens: 8, onPlateau: { ...onPlateau, reset: ['dataOrder'] } }])
  const metrics = { truncatedShare: 0, meanTokens: 4, reward: 0.5 }
  let state = schedule.initialState
  for (let step = 1; step < 3; step++) state = schedule.next(state, metrics).state
  const { state: stalled, stage, direction, why } = schedule.next(state, metrics)
  expect({ stage, direction, why }).toEqual({ stage: schedule.stages[0], direction: undefined, why: undefined })
  expect(stalled).toMatchObject({ reset: ['dataOrder'], dataSteps: 0, rateSteps: 3, rewards: [] })
  expect(schedule.next(stalled, metrics).state).toMatchObject({ reset: [], dataSteps: 1 })
})

test('the best reward of the stage is not forgotten with the rewards', () => {
  const stage: Stage = {
    maxResponseTokens: 8,
    onPlateau: { ...onPlateau, atMost: 1 },
    until: { truncatedShare: { above: 0, forSteps: 1 }, minSteps: 24, unlessRewardFalls: { overSteps: 10 } },
  }
  // Rises until something begins anew after step 14, and is lower from then on.
  const rewards = [...Array.from({ length: 11 }, (_, i) => 0.5 + i / 50), ...new Array<number>(3).fill(0.7)]
  const schedule = contextSchedule([stage, { maxResponseTokens: 16 }])
  let state = schedule.initialState
  const holds: (string | undefined)[] = []
  for (const reward of [...rewards, ...new Array<number>(14).fill(0.4)]) {
    const next = schedule.next(state, { truncatedShare: 0.1, meanTokens: 4, reward })
    state = next.state
    holds.push(schedule.explain(state).find(({ move }) => move === 'forward')?.heldBy)
  }
  expect(state).toMatchObject({ stage: 0, resets: [1, 0] })
  expect(holds[22]).toBe('23 of at least 24 steps done')
  expect(holds.slice(24)).toEqual(
    new Array(4).fill(expect.stringMatching(/^a mean reward of 0\.4 over 10 steps, more than 10% below/)),
  )
})

test('right after something began anew, nothing is said of rewards that are not there', () => {
  const until = { truncatedShare: { above: 0.5, forSteps: 1 }, unlessRewardFalls: { overSteps: 10 } }
  const schedule = contextSchedule([
    { maxResponseTokens: 8, onPlateau: { ...onPlateau, overSteps: 12 }, until },
    { maxResponseTokens: 16 },
  ])
  let state = schedule.initialState
  for (let step = 1; step <= 12; step++)
    state = schedule.next(state, { truncatedShare: 0, meanTokens: 4, reward: 0.5 }).state
  expect(state).toMatchObject({ resets: [1, 0], rewards: [], bestForFall: 0.5 })
  expect(schedule.explain(state).map(({ heldBy }) => heldBy)).toEqual([undefined, undefined])
})

test.each<[object, string]>([
  [{ ...onPlateau, reset: [] }, 'expected what begins anew for onPlateau.reset, got nothing'],
  [{ overSteps: 3, slopeBelow: 0 }, 'expected what begins anew for onPlateau.reset, got nothing'],
  [{ ...onPlateau, reset: ['weights'] }, 'expected optimizer, dataOrder, reference in onPlateau.reset, got weights'],
  [{ ...onPlateau, overSteps: 1 }, 'expected a whole number of at least 2 for onPlateau.overSteps, got 1'],
  [{ ...onPlateau, atMost: 0 }, 'expected a positive whole number for onPlateau.atMost, got 0'],
  [{ ...onPlateau, forSteps: 3 }, 'unknown key "forSteps" in onPlateau; did you mean "overSteps"?'],
])('%j is refused', (wrong, message) => {
  expect(() => contextSchedule([{ maxResponseTokens: 8, onPlateau: wrong as OnPlateau }])).toThrow(
    `[context schedule] stage 1: ${message}`,
  )
})
