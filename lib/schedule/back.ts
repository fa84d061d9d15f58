// What sends a run back to the stage before. Pure, and plain JSON.
import { allProblem, conditionNames, conditionsProblem, countProblem, wholeProblem } from './condition-problems.js'
import { type ConditionStatus, type Conditions, type Drop, type History, statusesOf } from './conditions.js'
import { type Reset, resetsProblem } from './reset.js'

/**
 * What sends a run back to the stage before: any of the conditions, or `all`. At least one is given. Not for the first stage. A step back comes
 * before a step forward that the same step would allow.
 */
export interface Back extends Conditions {
  /** All of these after one step: at least two, and `rewardDrop` either here or beside it, not in both. */
  all?: Conditions | undefined
  /** Nothing counts before so many steps of the stage; 0 where left out. */
  minSteps?: number | undefined
  /** How often the run may go back from this stage, over the whole run; once where left out. */
  atMost?: number | undefined
  /** In the stage gone back to, nothing but the run's maxSteps moves it before so many steps; 0 where left out. */
  cooldownSteps?: number | undefined
  /** What begins anew with the step back; all goes on where left out, whatever `reset` of the stage gone back to says. */
  reset?: readonly Reset[] | undefined
}

interface Limited {
  maxResponseTokens: number
  back?: Back | undefined
}

export const backStatuses = ({ back = {}, maxResponseTokens }: Limited, history: History): ConditionStatus[] =>
  statusesOf(back, history, maxResponseTokens)

/** Why the run is not to go back though a condition is met; undefined where nothing is against it. */
export function backHold({ back = {} }: Limited, { stageSteps }: History, numBacks: number): string | undefined {
  const { minSteps = 0 } = back
  if (stageSteps < minSteps) return `${stageSteps} of at least ${minSteps} steps done`
  const atMost = backsAtMost(back)
  return numBacks < atMost ? undefined : `gone back ${numBacks} of at most ${atMost} times`
}

export const backsAtMost = ({ atMost = 1 }: Pick<Back, 'atMost'> = {}): number => atMost

export const dropOf = (back: Back | undefined): Drop | undefined => back?.rewardDrop ?? back?.all?.rewardDrop

const others = ['all', 'minSteps', 'atMost', 'cooldownSteps', 'reset']

/** What is wrong with it, if anything. */
export function backProblem(stage: Limited, { isFirst }: { isFirst: boolean }): string | undefined {
  const { back, maxResponseTokens: limit } = stage
  if (back === undefined) return undefined
  const { all, atMost = 1, minSteps = 0, cooldownSteps = 0, reset = [] } = back
  return (
    (isFirst ? 'expected no back in the first stage: no stage is before it' : undefined) ??
    conditionsProblem(back, { where: 'back', names: conditionNames, others }, limit) ??
    (all && allProblem(all, { where: 'back.all', names: conditionNames }, limit)) ??
    missingProblem(back) ??
    (back.rewardDrop && all?.rewardDrop
      ? 'expected one rewardDrop in back, got another in back.all: the stage remembers one best reward'
      : undefined) ??
    countProblem('back.atMost', atMost) ??
    wholeProblem('back.minSteps', minSteps) ??
    wholeProblem('back.cooldownSteps', cooldownSteps) ??
    resetsProblem('back.reset', reset)
  )
}

function missingProblem(back: Back): string | undefined {
  const given = [...conditionNames, 'all' as const].some((name) => back[name] !== undefined)
  return given ? undefined : `expected ${conditionNames.join(', ')} or all in back`
}
