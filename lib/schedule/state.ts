// Where a schedule stands between two steps. Plain JSON.
import { ArgumentError } from '../errors.js'
import type { History } from './conditions.js'
import { noHistory } from './history.js'
import { type Reset, resettable } from './reset.js'
import type { Stage } from './stage.js'

/** Where a schedule stands between two steps: all that decides what comes next. Plain JSON, as a checkpoint holds it. */
export interface ScheduleState extends History {
  /** Index of the stage that the next step belongs to; the number of stages once the run is over. */
  stage: number
  /** Steps done in the whole run. */
  runSteps: number
  /** Steps done since the learning rate's schedule began: with the run, or with what begins it anew. */
  rateSteps: number
  /** Batches of rows drawn since the order of the data began: one a step, or as many as a step says. */
  dataSteps: number
  /** What begins anew before the next step. */
  reset: readonly Reset[]
  /** Steps to go, after a step back, in which nothing but the run's end moves it. */
  cooldownSteps: number
  /** How often the run has gone back from each stage, by index. */
  backs: readonly number[]
  /** How often something was begun anew within each stage, by index. */
  resets: readonly number[]
}

export function firstState(stages: readonly Stage[]): ScheduleState {
  const none = stages.map(() => 0)
  const counts = { runSteps: 0, rateSteps: 0, dataSteps: 0, cooldownSteps: 0, backs: none, resets: none }
  return { stage: 0, ...counts, reset: stages[0]?.reset ?? [], ...noHistory }
}

/** The stage of a state, as it was saved; undefined when the run is over. Throws for what is no state of these stages. */
export function stageOf(stages: readonly Stage[], state: ScheduleState): Stage | undefined {
  const missing = stateKeys.filter((key) => !(key in state))
  if (missing.length > 0) throw new ArgumentError(`${expectedText(stages)}, got one without ${missing.join(', ')}`)
  if (isSound(state, stages.length)) return stages[state.stage]
  throw new ArgumentError(`${expectedText(stages)}, got ${JSON.stringify(state)}`)
}

const stateKeys = Object.keys(firstState([]))

const expectedText = ({ length }: readonly Stage[]): string =>
  `[context schedule] expected a state of a schedule with ${length} stages`

function isSound(state: ScheduleState, numStages: number): boolean {
  const { stage, runSteps, rateSteps, dataSteps, stageSteps, cooldownSteps, backs, resets, reset } = state
  const series = [state.truncatedShares, state.meanTokens, state.rewards]
  const perStage = [backs, resets]
  const counts = [stage, runSteps, rateSteps, dataSteps, stageSteps, cooldownSteps]
  return (
    counts.every(isWhole) &&
    stage <= numStages &&
    perStage.every((list) => Array.isArray(list) && list.length === numStages && list.every(isWhole)) &&
    series.every((values) => Array.isArray(values) && values.every(Number.isFinite)) &&
    [state.bestForDrop, state.bestForFall].every((best) => best === null || Number.isFinite(best)) &&
    Array.isArray(reset) &&
    reset.every((name) => resettable.includes(name))
  )
}

const isWhole = (count: unknown): boolean => Number.isSafeInteger(count) && (count as number) >= 0
