// The controller that lengthens the context: told how each step went, it says which stage the next one belongs to.
// Pure: the state goes in and comes out, and is plain JSON.
import { ArgumentError } from '../errors.js'
import { type Stage, stageProblems } from './stage.js'

export type { Stage, Until } from './stage.js'

export interface ScheduleState {
  /** Index of the stage that the next step belongs to; the number of stages once the run is over. */
  stage: number
  /** Steps done in this stage. */
  stageSteps: number
  /** Steps running, up to the last, whose share of truncated answers was above the stage's bound. */
  truncatedSteps: number
}

export interface ScheduleMetrics {
  /** Share of the step's answers that were cut at the limit. */
  truncatedShare: number
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
}

export function contextSchedule(stages: readonly Stage[]): ContextSchedule {
  if (stages.length === 0) throw new ArgumentError('[context schedule] expected at least one stage')
  const [problem] = stageProblems(stages)
  if (problem !== undefined)
    throw new ArgumentError(`[context schedule] stage ${problem.index + 1}: ${problem.message}`)
  return {
    stages,
    initialState: startOf(0),
    stageOf: (state) => stageOf(stages, state),
    next: (state, metrics) => next(stages, state, metrics),
  }
}

function next(stages: readonly Stage[], state: ScheduleState, { truncatedShare }: ScheduleMetrics): ScheduleStep {
  const stage = stageOf(stages, state)
  if (stage === undefined) throw new ArgumentError('[context schedule] expected no step after the last stage')
  if (!(truncatedShare >= 0 && truncatedShare <= 1)) {
    throw new ArgumentError(`[context schedule] expected a share from 0 to 1 for truncatedShare, got ${truncatedShare}`)
  }
  const isAbove = truncatedShare > (stage.until?.truncatedShare?.above ?? 1)
  const stepped: ScheduleState = {
    stage: state.stage,
    stageSteps: state.stageSteps + 1,
    truncatedSteps: isAbove ? state.truncatedSteps + 1 : 0,
  }
  const why = whyOver(stage, stepped)
  if (why === undefined) return { state: stepped, stage, why }
  return {
    state: startOf(state.stage + 1),
    stage: stages[state.stage + 1],
    why: `stage ${state.stage + 1} of ${stages.length} (${stage.maxResponseTokens} tokens) is over: ${why}`,
  }
}

function whyOver({ until }: Stage, { stageSteps, truncatedSteps }: ScheduleState): string | undefined {
  if (until?.truncatedShare !== undefined && truncatedSteps >= until.truncatedShare.forSteps) {
    const { above, forSteps } = until.truncatedShare
    return `more than ${Number((above * 100).toFixed(6))}% of answers truncated in each of ${forSteps} steps`
  }
  return until?.steps !== undefined && stageSteps >= until.steps ? `${until.steps} steps done` : undefined
}

function stageOf(stages: readonly Stage[], state: ScheduleState): Stage | undefined {
  const counts = [state.stage, state.stageSteps, state.truncatedSteps]
  const isSound = counts.every((count) => Number.isSafeInteger(count) && count >= 0) && state.stage <= stages.length
  if (isSound) return stages[state.stage]
  const expected = `expected a state of a schedule with ${stages.length} stages`
  throw new ArgumentError(`[context schedule] ${expected}, got ${JSON.stringify(state)}`)
}

function startOf(stage: number): ScheduleState {
  return { stage, stageSteps: 0, truncatedSteps: 0 }
}
