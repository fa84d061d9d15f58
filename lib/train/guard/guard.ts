// The guard watches a run for collapse: told how each step went, it says what it found and what is to be done. Pure: the state goes in
// and comes out, and is plain JSON.
import { type Change, changeAfter, type Decision, decide } from './decide.js'
import { goOn } from './episode.js'
import { type Finding, findingsOf } from './findings.js'
import { type GuardMetrics, isMeasured, watchedOf } from './metrics.js'
import { defaultGuardOptions, type GuardOptions, type Watch, watchOf } from './options.js'
import { type GuardState, initialState, windowSteps } from './state.js'

export interface GuardStep extends Decision {
  state: GuardState
  /** Everything that holds of this step, whether it was told before or not. */
  findings: Finding[]
}

export interface Guard {
  readonly initialState: GuardState
  /** After a step. One that failed for a loss or a gradient that is no number is told with NaN for it. */
  next(state: GuardState, metrics: GuardMetrics): GuardStep
  /** After a rollback: the state of the checkpoint that the run went back to, and what must not be forgotten of the one before. */
  restored(checkpoint: GuardState, before: GuardState): GuardState
  /** What the run does differently now, for its rollbacks so far: nothing, factors of 1, before the first. */
  changeOf(state: GuardState): Change
}

/**
 * Findings of step s never reach back before step s − 8, so that a checkpoint of that step or an earlier one, kept while the guard may
 * ask for it, is one to go back to.
 */
export const furthestBack = 8

export function makeGuard(options: Partial<GuardOptions> = {}): Guard {
  const settings: GuardOptions = { ...defaultGuardOptions, ...options }
  const watch = watchOf(settings)
  return {
    initialState,
    next: (state, metrics) => next(state, watchedOf(metrics), { settings, watch }),
    restored: (checkpoint, { numRollbacks }) => ({ ...checkpoint, numRollbacks: numRollbacks + 1 }),
    changeOf: ({ numRollbacks }) => changeAfter(numRollbacks, settings),
  }
}

function next(
  state: GuardState,
  metrics: GuardMetrics,
  { settings, watch }: { settings: GuardOptions; watch: Watch },
): GuardStep {
  const window = [...state.window, metrics].slice(-windowSteps)
  const { findings, signs } = findingsOf(window, state.signs, watch)
  const { episode, lastGoodStep, news } = goOn(state, findings, metrics.step)
  // JSON has no NaN, and nothing is compared with such a step.
  const kept = isMeasured(metrics) ? window : state.window
  const after: GuardState = { ...state, window: kept, signs, episode, lastGoodStep }
  return { state: after, findings, ...decide(after, { findings, news }, settings) }
}
