// What begins anew within a stage when the reward no longer rises (ProRL: reference and optimizer). Pure, and plain JSON.
import { countProblem, expected, plateauProblem, unknownIn } from './condition-problems.js'
import { type ConditionStatus, type History, type Plateau, statusesOf } from './conditions.js'
import { type Reset, resetsProblem } from './reset.js'

/**
 * What begins anew within a stage when its reward no longer rises: ProRL's resets of reference and optimizer (Liu et al. 2025, arXiv
 * 2505.24864). A plateau that would also end the stage is answered by a reset first, while any are left.
 *
 * The rewards that it looks at are counted from the last reset on, so that two are at least `overSteps` apart.
 */
export interface OnPlateau extends Plateau {
  /** What begins anew; at least one. */
  reset: readonly Reset[]
  /** How often in a stage, over the whole run; once where left out. */
  atMost?: number | undefined
}

export const resetsAtMost = ({ atMost = 1 }: Pick<OnPlateau, 'atMost'>): number => atMost

export function onPlateauStatuses(onPlateau: OnPlateau | undefined, history: History): ConditionStatus[] {
  if (!onPlateau) return []
  const { overSteps, slopeBelow, standardErrors } = onPlateau
  return statusesOf({ rewardPlateau: { overSteps, slopeBelow, standardErrors } }, history, 0)
}

/** Why nothing is to begin anew though there is a plateau; undefined where nothing is against it. */
export function onPlateauHold(onPlateau: OnPlateau, numResets: number): string | undefined {
  const atMost = resetsAtMost(onPlateau)
  return numResets < atMost ? undefined : `done ${numResets} of at most ${atMost} times`
}

const keys = ['overSteps', 'slopeBelow', 'standardErrors', 'reset', 'atMost']

/** What is wrong with it, if anything. */
export function onPlateauProblem(onPlateau: OnPlateau | undefined): string | undefined {
  if (!onPlateau) return undefined
  const { reset, atMost = 1 } = onPlateau
  const isSome = Array.isArray(reset) && reset.length > 0
  return (
    unknownIn(onPlateau, { where: 'onPlateau', known: keys }) ??
    plateauProblem('onPlateau', onPlateau) ??
    (isSome ? undefined : expected('what begins anew', 'onPlateau.reset', 'nothing')) ??
    resetsProblem('onPlateau.reset', reset) ??
    countProblem('onPlateau.atMost', atMost)
  )
}
