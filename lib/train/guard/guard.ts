// The guard watches a run for collapse: told how each step went, it says what it found and what is to be done. Pure: the state goes in
// and comes out, and is plain JSON.
import { changeAfter, type Decision, decide } from './decide.js'
import { goOn } from './episode.js'
import { type Finding, findingsOf } from './findings.js'
import { type GuardMetrics, isMeasured, watchedOf } from './metrics.js'
import { type Change, type GuardOptions, type Watch, watchOf } from './options.js'
import { guardSettings } from './settings.js'
import { type GuardState, initialState, windowSteps } from './state.js'

/** What the guard says of a step: what it found, and what is to be done. */
export interface GuardStep extends Decision {
  /** To be handed in with the next step; plain JSON. */
  state: GuardState
  /** Everything that holds of this step, whether it was told before or not. */
  findings: Finding[]
}

/** Watches a run for collapse. Pure: the state goes in and comes out, so that a run that is resumed is watched as if never interrupted. */
export interface Guard {
  /** Before the first step. */
  readonly initialState: GuardState
  /** After a step. Metrics that are NaN or infinite are a finding themselves, and nothing is compared with that step. */
  next(state: GuardState, metrics: GuardMetrics): GuardStep
  /** After a step that ended in a numerical failure instead, see isNumericalFailure; `why` is what the error says. It is bad at once. */
  failed(state: GuardState, failure: { step: number; why: string }): GuardStep
  /** After a rollback: the state of the checkpoint that the run went back to, and what must not be forgotten of the one before. */
  restored(checkpoint: GuardState, before: GuardState): GuardState
  /** What the run does differently now, for its rollbacks so far: nothing, factors of 1, before the first. */
  changeOf(state: GuardState): Change
}

/**
 * A finding that is new in step s has its last good step at s − 10 or later. So whoever keeps the newest checkpoint that is at least as
 * old, beside `lastGoodStep`'s, has one to go back to.
 */
export const furthestBack = 10

/**
 * A guard with these options, and the defaults for those that are left out.
 * @throws {@link ArgumentError} one, which tells of every option that is wrong: those that a recipe's `guard` may not have either.
 */
export function makeGuard(options: Partial<GuardOptions> = {}): Guard {
  const settings = guardSettings(options)
  const watch = watchOf(settings)
  return {
    initialState,
    next: (state, metrics) => next(state, watchedOf(metrics), { settings, watch }),
    failed: (state, failure) => failed(state, failure, { settings, watch }),
    restored: (checkpoint, { numRollbacks }) => ({ ...checkpoint, numRollbacks: numRollbacks + 1 }),
    changeOf: ({ numRollbacks }) => changeAfter(numRollbacks, settings),
  }
}

interface How {
  settings: GuardOptions
  watch: Watch
}

function next(state: GuardState, metrics: GuardMetrics, { settings, watch }: How): GuardStep {
  const window = [...state.window, metrics].slice(-windowSteps)
  const { findings, signs } = findingsOf(window, state.signs, watch)
  // JSON has no NaN, and nothing is compared with such a step.
  const kept = isMeasured(metrics) ? window : state.window
  return conclude({ ...state, window: kept, signs }, { findings, step: metrics.step }, settings)
}

function failed(state: GuardState, { step, why }: { step: number; why: string }, { settings, watch }: How): GuardStep {
  const text = `step ${step} failed: ${why}`
  // The weights that it began with are those that the step before left.
  const finding: Finding = { kind: 'notANumber', severity: 'bad', since: step - 1, text }
  const findings = watch.kinds.includes('notANumber') ? [finding] : []
  return conclude(state, { findings, step }, settings)
}

function conclude(
  state: GuardState,
  { findings, step }: { findings: Finding[]; step: number },
  settings: GuardOptions,
): GuardStep {
  const { episode, lastGoodStep, news } = goOn(state, findings, step)
  const after: GuardState = { ...state, episode, lastGoodStep }
  return { state: after, findings, ...decide(after, { findings, news }, settings) }
}
