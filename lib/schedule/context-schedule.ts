// The controller that lengthens the context: told how each step went, it says which stage the next one belongs to.
// Pure: the state goes in and comes out, and is plain JSON.
import { ArgumentError } from '../errors.js'
import { type Stage, stageProblems, startsOrder, startsRate } from './stage.js'
import { advance, noProgress, type Progress, type ScheduleMetrics, whyOver } from './until.js'

export type { RowSelection } from './row-selection.js'
export type { Stage, StageSettings } from './stage.js'
export type { ScheduleMetrics, Until } from './until.js'

export interface ScheduleState extends Progress {
  /** Index of the stage that the next step belongs to; the number of stages once the run is over. */
  stage: number
  /** Steps done since the learning rate's schedule began: with the run, or with a stage that begins it anew. */
  rateSteps: number
  /** Steps done since the order of the data began. */
  dataSteps: number
}

export interface ScheduleStep {
  state: ScheduleState
  /** The stage of the next step; undefined when the run is over. */
  stage: Stage | undefined
  /** Why a stage ended, for people; undefined while it goes on. */
  why: string | undefined
}

export interface ContextSchedule {
  readonly stages: readonly Stage[]
  readonly initialState: ScheduleState
  /** The stage of a state, as it was saved; undefined when the run is over. */
  stageOf(state: ScheduleState): Stage | undefined
  /** After a step: where the schedule goes from here. */
  next(state: ScheduleState, metrics: ScheduleMetrics): ScheduleStep
  /** Past the stage of a state, of which no step was made; `why` says what for. */
  skip(state: ScheduleState, why: string): ScheduleStep
}

export function contextSchedule(stages: readonly Stage[]): ContextSchedule {
  if (stages.length === 0) throw new ArgumentError('[context schedule] expected at least one stage')
  const [problem] = stageProblems(stages)
  if (problem !== undefined)
    throw new ArgumentError(`[context schedule] stage ${problem.index + 1}: ${problem.message}`)
  return {
    stages,
    initialState: { stage: 0, rateSteps: 0, dataSteps: 0, ...noProgress },
    stageOf: (state) => stageOf(stages, state),
    next: (state, metrics) => next(stages, state, metrics),
    skip: (state, why) => skip(stages, state, why),
  }
}

function skip(stages: readonly Stage[], state: ScheduleState, why: string): ScheduleStep {
  const before = stageOf(stages, state)
  if (before === undefined || state.stageSteps > 0)
    throw new ArgumentError('[context schedule] expected a stage without a step for skip')
  const following = stages[state.stage + 1]
  return {
    state: enter(state, { before, following }),
    stage: following,
    why: `stage ${state.stage + 1} of ${stages.length} is skipped: ${why}`,
  }
}

function next(stages: readonly Stage[], state: ScheduleState, metrics: ScheduleMetrics): ScheduleStep {
  const stage = stageOf(stages, state)
  if (stage === undefined) throw new ArgumentError('[context schedule] expected no step after the last stage')
  requireMetrics(metrics)
  const stepped: ScheduleState = {
    stage: state.stage,
    rateSteps: state.rateSteps + 1,
    dataSteps: state.dataSteps + 1,
    ...advance(state, metrics, stage),
  }
  const why = whyOver(stage, stepped)
  if (why === undefined) return { state: stepped, stage, why }
  const following = stages[state.stage + 1]
  return {
    state: enter(stepped, { before: stage, following }),
    stage: following,
    why: `stage ${state.stage + 1} of ${stages.length} (${stage.maxResponseTokens} tokens) is over: ${why}`,
  }
}

function enter(
  { stage, rateSteps, dataSteps }: ScheduleState,
  { before, following }: { before: Stage; following: Stage | undefined },
): ScheduleState {
  return {
    stage: stage + 1,
    rateSteps: following && startsRate(following) ? 0 : rateSteps,
    dataSteps: following && startsOrder(following, before) ? 0 : dataSteps,
    ...noProgress,
  }
}

function requireMetrics({ truncatedShare, meanTokens, reward }: ScheduleMetrics): void {
  if (!(truncatedShare >= 0 && truncatedShare <= 1))
    throw new ArgumentError(`[context schedule] expected a share from 0 to 1 for truncatedShare, got ${truncatedShare}`)
  for (const [name, value] of Object.entries({ meanTokens, reward }))
    if (!Number.isFinite(value))
      throw new ArgumentError(`[context schedule] expected a number for ${name}, got ${value}`)
}

function stageOf(stages: readonly Stage[], state: ScheduleState): Stage | undefined {
  const { stage, rateSteps, dataSteps, stageSteps, truncatedSteps, longSteps } = state
  const counts = [stage, rateSteps, dataSteps, stageSteps, truncatedSteps, longSteps]
  const isSound = counts.every((count) => Number.isSafeInteger(count) && count >= 0) && Array.isArray(state.rewards)
  if (isSound && stage <= stages.length) return stages[stage]
  const expected = `expected a state of a schedule with ${stages.length} stages`
  throw new ArgumentError(`[context schedule] ${expected}, got ${JSON.stringify(state)}`)
}
