// A rule of one's own around a schedule.
import { expect, test } from 'vitest'
import { type ContextSchedule, contextSchedule } from '../../lib/schedule/context-schedule.js'

const stages = contextSchedule([
  { maxResponseTokens: 8, until: { steps: 5 } },
  { maxResponseTokens: 16, reset: ['reference'], until: { steps: 3 } },
])
const metrics = { truncatedShare: 0.1, meanTokens: 4, reward: 0.5 }

/** Lengthens where the reward is above 0.9, else as the stages say. */
const own: ContextSchedule = {
  ...stages,
  next(state, told) {
    const step = stages.next(state, told)
    return step.why === undefined && told.reward > 0.9 ? stages.advance(step.state, 'it knows it all') : step
  },
}

function run(rewards: readonly number[]) {
  const visited: number[] = []
  const whys: string[] = []
  let state = own.initialState
  for (const reward of rewards) {
    if (own.stageOf(state) === undefined) break
    visited.push(state.stage)
    const step = own.next(state, { ...metrics, reward })
    if (step.why !== undefined) whys.push(step.why)
    state = step.state
  }
  return { visited, whys, state }
}

test('a rule of one’s own ends a stage, and the stage’s end holds all the same', () => {
  const { visited, whys, state } = run([0.5, 0.95, 0.5, 0.5, 0.5, 0.5])
  expect(visited).toEqual([0, 0, 1, 1, 1])
  expect(whys).toEqual([
    'stage 1 of 2 (8 tokens) is over: it knows it all',
    'stage 2 of 2 (16 tokens) is over: 3 steps done',
  ])
  expect(own.stageOf(state)).toBeUndefined()
})

test('the next stage is entered with nothing remembered, and begins anew what it names', () => {
  const { state } = run([0.5, 0.95])
  expect(state).toMatchObject({ stage: 1, stageSteps: 0, runSteps: 2, rewards: [], reset: ['reference'] })
})

test('past the last stage the run is over', () => {
  const { visited, whys } = run([0.95, 0.95, 0.95])
  expect(visited).toEqual([0, 1])
  expect(whys.at(-1)).toBe('stage 2 of 2 (16 tokens) is over: it knows it all')
})

test('a stage without a step is skipped, not advanced from, and a run that is over goes nowhere', () => {
  const message = '[context schedule] expected a stage with a step for advance'
  expect(() => stages.advance(stages.initialState, 'why')).toThrow(message)
  expect(() => stages.advance(run([0.95, 0.95]).state, 'why')).toThrow(message)
  expect(() => stages.advance({} as never, 'why')).toThrow('expected a state of a schedule with 2 stages')
})
