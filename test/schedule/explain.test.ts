import { expect, test } from 'vitest'
import { contextSchedule, type ScheduleMetrics, type Stage } from '../../lib/schedule/context-schedule.js'

const stages: Stage[] = [
  { maxResponseTokens: 100, until: { steps: 2 } },
  {
    maxResponseTokens: 200,
    until: {
      minSteps: 4,
      truncatedShare: { above: 0.1, forSteps: 3 },
      all: { answerLength: { above: 0.5, forSteps: 2 }, rewardPlateau: { overSteps: 4, slopeBelow: 0.001 } },
    },
    back: { rewardDrop: { by: 0.2, overSteps: 3 }, cooldownSteps: 5 },
    onPlateau: { overSteps: 5, slopeBelow: 0, reset: ['optimizer'] },
  },
]

function explanationsAfter(steps: readonly ScheduleMetrics[]) {
  const schedule = contextSchedule(stages, { maxSteps: 40 })
  let state = schedule.initialState
  for (const metrics of steps) state = schedule.next(state, metrics).state
  return schedule.explain(state).map(({ move, condition, isMet, heldBy, numSteps, neededSteps, text }) => ({
    ...{ what: `${move} by ${condition}`, isMet, heldBy, steps: `${numSteps}/${neededSteps}`, text },
  }))
}

test('how near each condition is can be asked at any time, and what is against it', () => {
  const step = { truncatedShare: 0.05, meanTokens: 80, reward: 0.5 }
  const cut = { truncatedShare: 0.2, meanTokens: 120, reward: 0.4 }
  expect(explanationsAfter([step, step, step, cut, cut])).toEqual([
    { what: 'end by maxSteps', isMet: false, heldBy: undefined, steps: '5/40', text: '5 of 40 steps done' },
    {
      ...{ what: 'back by rewardDrop', isMet: false, heldBy: undefined, steps: '3/3' },
      text: 'a mean reward of 0.433 over 3 steps, 0 below the best of 0.433, not more than 0.2',
    },
    {
      ...{ what: 'forward by truncatedShare', isMet: false, heldBy: '3 of at least 4 steps done', steps: '2/3' },
      text: 'more than 10% of answers truncated in 2 of 3 steps running, 20% in the last',
    },
    {
      ...{ what: 'forward by all', isMet: false, heldBy: '3 of at least 4 steps done', steps: '3/4' },
      text:
        'answers of more than 100 tokens on average in each of 2 steps, 120 in the last, ' +
        "and 3 of the 4 steps done that the reward's slope takes",
    },
    {
      ...{ what: 'reset by rewardPlateau', isMet: false, heldBy: undefined, steps: '3/5' },
      text: "3 of the 5 steps done that the reward's slope takes",
    },
  ])
})

test('a step tells of its conditions as they were before anything moved', () => {
  const schedule = contextSchedule(stages)
  const metrics = { truncatedShare: 0, meanTokens: 80, reward: 0.5 }
  const first = schedule.next(schedule.initialState, metrics)
  expect(first.explanations).toEqual(schedule.explain(first.state))
  const { explanations, direction } = schedule.next(first.state, metrics)
  expect(direction).toBe('forward')
  expect(explanations).toMatchObject([{ move: 'forward', condition: 'steps', isMet: true, value: 2, bound: 2 }])
})

test('what is met and held says by what', () => {
  const held = contextSchedule([
    { maxResponseTokens: 8, until: { truncatedShare: { above: 0, forSteps: 1 } } },
    { maxResponseTokens: 16 },
  ])
  let state = held.initialState
  let texts: (string | undefined)[] = []
  state = { ...state, stageSteps: 12, rewards: Array.from({ length: 12 }, (_, i) => 0.9 - i / 100) }
  const next = held.next(state, { truncatedShare: 1, meanTokens: 8, reward: 0.78 })
  texts = next.explanations.map(({ heldBy }) => heldBy)
  expect(next.direction).toBeUndefined()
  expect(next.explanations).toMatchObject([{ isMet: true, value: 1, bound: 0 }])
  expect(texts[0]).toMatch(/^the reward fell by 0\.01 ± .* a step over 13 steps, more than 1 standard errors$/)
})

test('a run that is over has nothing to explain', () => {
  const schedule = contextSchedule([{ maxResponseTokens: 8, until: { steps: 1 } }])
  const { state } = schedule.next(schedule.initialState, { truncatedShare: 0, meanTokens: 4, reward: 0.5 })
  expect(schedule.explain(state)).toEqual([])
})
