import { expect, test } from 'vitest'
import { contextSchedule, type Stage } from '../../lib/schedule/context-schedule.js'

const until = { steps: 2 }
const calm = { truncatedShare: 0, meanTokens: 4, reward: 0.5 }

test.each<[object, string]>([
  [{}, 'expected minPromptTokens, maxPromptTokens, minPassRate, maxPassRate, maxSolvedBefore in select'],
  [{ maxPromptToken: 1 }, 'unknown key "maxPromptToken" in select; did you mean "maxPromptTokens"?'],
  [{ minPromptTokens: -1 }, 'expected a whole number for select.minPromptTokens, got -1'],
  [{ maxPassRate: 1.5 }, 'expected a share from 0 to 1 for select.maxPassRate, got 1.5'],
  [{ minPassRate: Number.NaN }, 'expected a share from 0 to 1 for select.minPassRate, got NaN'],
  [
    { minPromptTokens: 5, maxPromptTokens: 4 },
    'expected at most maxPromptTokens = 4 for select.minPromptTokens, got 5',
  ],
  [{ minPassRate: 0.5, maxPassRate: 0.4 }, 'expected at most maxPassRate = 0.4 for select.minPassRate, got 0.5'],
  [{ maxSolvedBefore: 0.9 }, 'expected no select.maxSolvedBefore in the first stage: no stage is before it'],
])('a first stage that selects %j is refused', (select, message) => {
  expect(() => contextSchedule([{ maxResponseTokens: 8, select }])).toThrow(`[context schedule] stage 1: ${message}`)
})

test('the order of the data begins anew with a stage that selects, and with the one after it', () => {
  const stages: Stage[] = [
    { maxResponseTokens: 8, until },
    { maxResponseTokens: 8, until },
    { maxResponseTokens: 8, select: { maxSolvedBefore: 0.9 }, until },
    { maxResponseTokens: 8, until },
    { maxResponseTokens: 8, until },
  ]
  const schedule = contextSchedule(stages)
  const seen: number[] = []
  for (let state = schedule.initialState; schedule.stageOf(state); state = schedule.next(state, calm).state)
    seen.push(state.dataSteps)
  expect(seen).toEqual([0, 1, 2, 3, 0, 1, 0, 1, 2, 3])
})
