// The controller that lengthens the context: told how each step went, it says which stage the next one belongs to.
// Pure: the state goes in and comes out, and is plain JSON.

import { checkOptions, type OptionKeys, requireArrays, requireObjects } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { remember, type ScheduleMetrics } from './history.js'
import { decide, type Explanation, explain } from './moves.js'
import { isCount } from './numbers.js'
import { type Stage, stageProblems } from './stage.js'
import { firstState, type ScheduleState, stageOf } from './state.js'
import { forward, stageText, type Transition, transition } from './transition.js'

export type { Back } from './back.js'
export type { AboveForSteps, Conditions, Drop, Plateau } from './conditions.js'
export type { ScheduleMetrics } from './history.js'
export type { Explanation, Move } from './moves.js'
export type { OnPlateau } from './on-plateau.js'
export type { Reset } from './reset.js'
export type { RowSelection } from './row-selection.js'
export type { Stage, StageSettings } from './stage.js'
export type { ScheduleState } from './state.js'
export type { Ends, Falling, Until } from './until.js'

/** What a schedule has beside its stages. */
export interface ScheduleOptions {
  /** Steps of the whole run, at least 1, after which it is over whatever the stages say; no limit where left out. */
  maxSteps?: number | undefined
}

/** What follows a step: where the schedule stands now, what it moved for, and how near everything else was. */
export interface ScheduleStep extends Transition {
  /** How near each condition was after this step, before anything moved; none where a stage is skipped. */
  explanations: Explanation[]
}

/** A list of stages as a state machine: pure functions from a plain JSON state to the next one, so that a run can be resumed from any step. */
export interface ContextSchedule {
  /** The stages as they were given, in order. */
  readonly stages: readonly Stage[]
  /** Steps of the whole run; undefined: as many as the stages take. */
  readonly maxSteps: number | undefined
  /** Before the first step: in the first stage, with what its `reset` begins anew. */
  readonly initialState: ScheduleState
  /**
   * The stage of a state, as it was saved; undefined when the run is over.
   * @throws {@link ArgumentError} where it is no state of a schedule with as many stages.
   */
  stageOf(state: ScheduleState): Stage | undefined
  /**
   * After a step: where the schedule goes from here. `state.reset` says what begins anew before the next step.
   * @throws {@link ArgumentError} where the run is over, for what is no state, and for metrics out of their range, NaN among them.
   */
  next(state: ScheduleState, metrics: ScheduleMetrics): ScheduleStep
  /**
   * On past the stage of a state, of which no step was made; `why` says what for, and is part of the step's text.
   * @throws {@link ArgumentError} where a step of the stage was made, where the run is over, and for what is no state.
   */
  skip(state: ScheduleState, why: string): ScheduleStep
  /**
   * On past the stage of a state after a step of it, whatever its conditions say: for a rule of one's own, put around next(). `why` says
   * what for, and is part of the step's text.
   * @throws {@link ArgumentError} where no step of the stage was made, where the run is over, and for what is no state.
   */
  advance(state: ScheduleState, why: string): ScheduleStep
  /**
   * How near each condition is that the state's stage is watched for; none when the run is over.
   * @throws {@link ArgumentError} for what is no state.
   */
  explain(state: ScheduleState): Explanation[]
}

/**
 * The schedule of these stages, checked as a whole: limits that rise unless `mayShrink` says otherwise, and an end for each but the last.
 * @throws {@link ArgumentError} for a list without a stage, for the first thing that is wrong with a stage, and for a maxSteps that is no
 * positive whole number.
 *
 * @example
 * ```ts
 * import { contextSchedule } from 'lengthen'
 *
 * // On to twice the length once a fifth of the answers is cut off, for three steps in a row.
 * const schedule = contextSchedule([
 *   { maxResponseTokens: 1024, until: { truncatedShare: { above: 0.2, forSteps: 3 } } },
 *   { maxResponseTokens: 2048, until: { steps: 500 } },
 * ])
 * ```
 */
export function contextSchedule(stages: readonly Stage[], options: ScheduleOptions = {}): ContextSchedule {
  requireArrays('context schedule', { stages })
  for (const stage of stages) requireObjects('context schedule', { stage })
  checkOptions('context schedule', options, optionKeys)
  const { maxSteps } = options
  if (stages.length === 0) throw new ArgumentError('[context schedule] expected at least one stage')
  const [problem] = stageProblems(stages)
  if (problem !== undefined)
    throw new ArgumentError(`[context schedule] stage ${problem.index + 1}: ${problem.message}`)
  if (maxSteps !== undefined && !isCount(maxSteps))
    throw new ArgumentError(`[context schedule] expected a positive whole number for maxSteps, got ${maxSteps}`)
  const plan: Plan = { stages, maxSteps }
  return {
    ...plan,
    initialState: firstState(stages),
    stageOf: (state) => stageOf(stages, state),
    next: (state, metrics) => next(plan, state, metrics),
    skip: (state, why) => skip(plan, state, why),
    advance: (state, why) => advance(plan, state, why),
    explain: (state) => {
      const stage = stageOf(stages, state)
      return stage ? explain(stage, state, maxSteps) : []
    },
  }
}

const optionKeys: OptionKeys<ScheduleOptions> = { maxSteps: true }

interface Plan {
  stages: readonly Stage[]
  maxSteps: number | undefined
}

function next({ stages, maxSteps }: Plan, state: ScheduleState, metrics: ScheduleMetrics): ScheduleStep {
  const stage = stageOf(stages, state)
  if (stage === undefined) throw new ArgumentError('[context schedule] expected no step after the last stage')
  requireObjects('context schedule', { metrics })
  requireMetrics(metrics)
  const stepped: ScheduleState = {
    ...state,
    reset: [],
    runSteps: state.runSteps + 1,
    rateSteps: state.rateSteps + 1,
    dataSteps: state.dataSteps + (metrics.numBatches ?? 1),
    cooldownSteps: Math.max(0, state.cooldownSteps - 1),
    ...remember(state, metrics, { stage, following: stages[state.stage + 1] }),
  }
  const explanations = explain(stage, stepped, maxSteps)
  const decision = decide(explanations)
  if (decision) return { ...transition(stages, stepped, decision), explanations }
  return { state: stepped, stage, why: undefined, direction: undefined, note: undefined, explanations }
}

function skip({ stages }: Plan, state: ScheduleState, why: string): ScheduleStep {
  if (stageOf(stages, state) === undefined || state.stageSteps > 0)
    throw new ArgumentError('[context schedule] expected a stage without a step for skip')
  const text = `stage ${state.stage + 1} of ${stages.length} is skipped: ${why}`
  return { ...forward(stages, state, text), explanations: [] }
}

function advance({ stages }: Plan, state: ScheduleState, why: string): ScheduleStep {
  if (stageOf(stages, state) === undefined || state.stageSteps === 0)
    throw new ArgumentError('[context schedule] expected a stage with a step for advance')
  return { ...forward(stages, state, `${stageText(stages, state.stage)} is over: ${why}`), explanations: [] }
}

function requireMetrics({ truncatedShare, meanTokens, reward, numBatches = 1 }: ScheduleMetrics): void {
  if (!(truncatedShare >= 0 && truncatedShare <= 1))
    throw new ArgumentError(`[context schedule] expected a share from 0 to 1 for truncatedShare, got ${truncatedShare}`)
  for (const [name, value] of Object.entries({ meanTokens, reward }))
    if (!Number.isFinite(value))
      throw new ArgumentError(`[context schedule] expected a number for ${name}, got ${value}`)
  if (!isCount(numBatches))
    throw new ArgumentError(`[context schedule] expected a positive whole number for numBatches, got ${numBatches}`)
}
