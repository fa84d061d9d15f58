// Recorded runs (`metrics.jsonl` of the two quickstart recipes) under the controller: what it decided, and what it would have.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contextSchedule, type ScheduleMetrics, type Stage, type Until } from '../../lib/schedule/context-schedule.js'
import { loadRecipe } from '../../lib/train/recipe/recipe.js'
import { root } from '../helpers/source-files.js'

interface Recorded {
  recipe: string
  seed: number
  /** stage, reward, meanTokens, truncatedShare. */
  steps: [number, number, number, number][]
}

const file = join(root, 'test/fixtures/schedule/quickstart-runs.json')
const { runs } = JSON.parse(readFileSync(file, 'utf8')) as { runs: Recorded[] }
const recorded = (recipe: string) => runs.filter((run) => run.recipe === recipe)

const metricsOf = ([, reward, meanTokens, truncatedShare]: Recorded['steps'][number]): ScheduleMetrics => ({
  ...{ reward, meanTokens, truncatedShare },
})

/** The stage of each step, and why stages ended. */
function replay(stages: readonly Stage[], steps: Recorded['steps'], maxSteps?: number) {
  const schedule = contextSchedule(stages, { maxSteps })
  const visited: number[] = []
  const whys: string[] = []
  let state = schedule.initialState
  for (const step of steps) {
    visited.push(state.stage)
    const next = schedule.next(state, metricsOf(step))
    if (next.why !== undefined) whys.push(next.why)
    state = next.state
  }
  return { visited, whys, isOver: schedule.stageOf(state) === undefined }
}

describe.each(recorded('quickstart-controller'))('the quickstart by the controller, seed $seed', ({ steps }) => {
  test('went as its recipe says', async () => {
    const { recipe } = await loadRecipe(join(root, 'recipes/quickstart-controller.yaml'))
    const { visited, whys, isOver } = replay(recipe.schedule.stages, steps, recipe.schedule.maxSteps)
    expect(visited).toEqual(steps.map(([stage]) => stage))
    expect(isOver).toBe(true)
    expect(whys).toEqual([
      expect.stringMatching(
        /^stage 1 of 3 \(32 tokens\) is over: more than 20% of answers truncated in each of 4 steps/,
      ),
      expect.stringMatching(
        /^stage 2 of 3 \(64 tokens\) is over: more than 20% of answers truncated in each of 4 steps/,
      ),
      'the run is over in stage 3 of 3 (96 tokens): all 50 steps done',
    ])
  })
})

/** When a stage of the hand-set quickstart would have ended, counted from its first step; undefined: not in its steps. */
function endOf(until: Until, stage: number, { steps }: Recorded): number | undefined {
  const own = steps.filter((step) => step[0] === stage)
  const end = replay([{ maxResponseTokens: [32, 64, 96][stage] as number, until }, { maxResponseTokens: 128 }], own)
  const numSteps = end.visited.indexOf(1)
  return numSteps < 0 ? undefined : numSteps
}

describe.each(recorded('quickstart'))('the hand-set quickstart, seed $seed', (run) => {
  const cut = { truncatedShare: { above: 0.2, forSteps: 4 } }
  const plateau = { rewardPlateau: { overSteps: 10, slopeBelow: 0.005, standardErrors: 1 } }

  test('would have been lengthened sooner while answers were cut', () => {
    expect(endOf(cut, 0, run)).toBe(4)
    expect(endOf(cut, 1, run)).toBeLessThanOrEqual(9)
  })

  test('would not have been in its last stage, where answers fit', () => {
    expect(endOf(cut, 2, run)).toBeUndefined()
    expect(endOf({ answerLength: { above: 0.8, forSteps: 2 } }, 2, run)).toBeUndefined()
  })

  test('rises in its second stage, and stalls in its last once most is learned', () => {
    expect(endOf(plateau, 1, run)).toBeUndefined()
    expect(endOf(plateau, 2, run)).toBeGreaterThanOrEqual(11)
    expect(endOf(plateau, 2, run)).toBeLessThanOrEqual(22)
    expect(endOf({ all: { ...cut, ...plateau } }, 2, run)).toBeUndefined()
  })
})
