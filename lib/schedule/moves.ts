// Where a stage's conditions would take the run, and what takes it there.
import { backHold, backStatuses } from './back.js'
import { type ConditionStatus, stepsStatus } from './conditions.js'
import { onPlateauHold, onPlateauStatuses } from './on-plateau.js'
import type { Stage } from './stage.js'
import type { ScheduleState } from './state.js'
import { untilHold, untilStatuses } from './until.js'

/** On to the next stage, back to the one before, something begun anew within the stage, or the end of the run. */
export type Move = 'forward' | 'back' | 'reset' | 'end'

/** How near a condition is, and what it would do. */
export interface Explanation extends ConditionStatus {
  /** What it does where it is met and nothing holds it back. */
  move: Move
  /** Why it moves nothing though it is met, or would not if it were; undefined where nothing is against it. */
  heldBy: string | undefined
}

/** Every condition that the stage is watched for, after the steps that the state remembers. */
export function explain(stage: Stage, state: ScheduleState, maxSteps: number | undefined): Explanation[] {
  const cooldown =
    state.cooldownSteps > 0 ? `${state.cooldownSteps} steps to go until anything moves after a step back` : undefined
  const ends = maxSteps === undefined ? [] : [stepsStatus('maxSteps', state.runSteps, maxSteps)]
  const hold = cooldown ?? untilHold(stage, state)
  return [
    ...ends.map((status) => ({ ...status, move: 'end' as const, heldBy: undefined })),
    ...explained('back', backStatuses(stage, state), cooldown ?? backHold(stage, state, countOf(state.backs, state))),
    ...untilStatuses(stage, state).map((status) => {
      const heldBy = status.condition === 'steps' ? cooldown : hold
      return { ...status, move: 'forward' as const, heldBy }
    }),
    ...explained('reset', onPlateauStatuses(stage.onPlateau, state), cooldown ?? plateauHold(stage, state)),
  ]
}

export interface Decision {
  move: Move
  /** In words, with the numbers. */
  because: string
}

/**
 * The end of the run comes first, then a step back, then the next stage, then a reset; but a plateau that would end the stage is
 * first answered by a reset, while there are any left.
 */
export function decide(explanations: readonly Explanation[]): Decision | undefined {
  const acting = explanations.filter(({ isMet, heldBy }) => isMet && heldBy === undefined)
  const has = (wanted: Move) => acting.some(({ move }) => move === wanted)
  const isStalled = acting.every(({ move, condition }) => move !== 'forward' || condition === 'rewardPlateau')
  const order: readonly Move[] = isStalled ? ['end', 'back', 'reset', 'forward'] : ['end', 'back', 'forward', 'reset']
  const move = order.find(has)
  if (move === undefined) return undefined
  const because = acting.filter((explanation) => explanation.move === move).map(({ text }) => text)
  return { move, because: because.join('; ') }
}

export const countOf = (counts: readonly number[], { stage }: { stage: number }): number => counts[stage] ?? 0

const explained = (move: Move, statuses: ConditionStatus[], heldBy: string | undefined): Explanation[] =>
  statuses.map((status) => ({ ...status, move, heldBy }))

const plateauHold = ({ onPlateau }: Stage, state: ScheduleState): string | undefined =>
  onPlateau && onPlateauHold(onPlateau, countOf(state.resets, state))
