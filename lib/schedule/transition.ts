// From a state to the one that a move leads to, and what is said of it.
import { backsAtMost } from './back.js'
import { levelFor, noHistory } from './history.js'
import { countOf, type Decision } from './moves.js'
import { type OnPlateau, resetsAtMost } from './on-plateau.js'
import type { Reset } from './reset.js'
import { isComparable, type Stage, startsOrder, startsRate } from './stage.js'
import type { ScheduleState } from './state.js'

/** From one state to the next. */
export interface Transition {
  /** Where the schedule stands before the next step. */
  state: ScheduleState
  /** The stage of the next step; undefined when the run is over. */
  stage: Stage | undefined
  /** Why a stage ended, for people; undefined while it goes on. */
  why: string | undefined
  /** Where a stage that ended is followed by the next one (or the end of the run), or by the one before. */
  direction: 'forward' | 'back' | undefined
  /** What began anew within the stage, and why, for people. */
  note: string | undefined
}

export function transition(stages: readonly Stage[], state: ScheduleState, { move, because }: Decision): Transition {
  const here = stageText(stages, state.stage)
  if (move === 'back') return back(stages, state, because)
  if (move === 'reset') return restart(stages, state, because)
  if (move === 'forward') return forward(stages, state, `${here} is over: ${because}`)
  const over = { ...state, ...noHistory, stage: stages.length }
  const why = `the run is over in ${here}: all ${because}`
  return { state: over, stage: undefined, why, direction: 'forward', note: undefined }
}

export function forward(stages: readonly Stage[], state: ScheduleState, why: string): Transition {
  const before = stages[state.stage] as Stage
  const stage = stages[state.stage + 1]
  const entered = enter(state, { to: state.stage + 1, before, stage, reset: stage?.reset ?? [] })
  const bestForDrop = stage && isComparable(before, stage) ? levelFor(stage.back, state) : null
  return { state: { ...entered, bestForDrop }, stage, why, direction: 'forward', note: undefined }
}

function back(stages: readonly Stage[], state: ScheduleState, because: string): Transition {
  const before = stages[state.stage] as Stage
  const stage = stages[state.stage - 1] as Stage
  const { cooldownSteps = 0, reset = [] } = before.back ?? {}
  const backs = raised(state.backs, state.stage)
  const time = `time ${countOf(backs, state)} of at most ${backsAtMost(before.back)}`
  const anew = reset.length > 0 ? `, ${reset.join(' and ')} begun anew` : ''
  const way = `${stageText(stages, state.stage)} goes back to ${stageText(stages, state.stage - 1)}`
  const entered = enter(state, { to: state.stage - 1, before, stage, reset })
  return {
    ...{ state: { ...entered, backs, cooldownSteps }, stage, direction: 'back', note: undefined },
    why: `${way}${anew}, ${time}: ${because}`,
  }
}

/** The stage goes on; its rewards are counted anew, and what begins anew does so by its own count too. */
function restart(stages: readonly Stage[], state: ScheduleState, because: string): Transition {
  const stage = stages[state.stage] as Stage
  const { reset, atMost } = stage.onPlateau as OnPlateau
  const resets = raised(state.resets, state.stage)
  const time = `time ${countOf(resets, state)} of at most ${resetsAtMost({ atMost })}`
  const rateSteps = reset.includes('optimizer') ? 0 : state.rateSteps
  const dataSteps = reset.includes('dataOrder') ? 0 : state.dataSteps
  return {
    ...{ state: { ...state, reset, resets, rateSteps, dataSteps, rewards: [] }, stage },
    ...{ why: undefined, direction: undefined },
    note: `${stageText(stages, state.stage)} goes on with ${reset.join(' and ')} begun anew, ${time}: ${because}`,
  }
}

interface Entry {
  to: number
  before: Stage
  stage: Stage | undefined
  reset: readonly Reset[]
}

/** A stage is entered with nothing remembered, be it for the first time or again. */
function enter(state: ScheduleState, { to, before, stage, reset }: Entry): ScheduleState {
  const { rateSteps, dataSteps } = state
  return {
    ...{ ...state, ...noHistory, reset, stage: to, cooldownSteps: 0 },
    rateSteps: stage && startsRate({ ...stage, reset }) ? 0 : rateSteps,
    dataSteps: stage && startsOrder({ ...stage, reset }, before) ? 0 : dataSteps,
  }
}

export const stageText = (stages: readonly Stage[], index: number): string =>
  `stage ${index + 1} of ${stages.length} (${stages[index]?.maxResponseTokens} tokens)`

const raised = (counts: readonly number[], index: number): number[] =>
  counts.map((count, i) => (i === index ? count + 1 : count))
