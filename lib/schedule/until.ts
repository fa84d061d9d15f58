// What ends a stage. Pure, and plain JSON.
import {
  allProblem,
  type ConditionName,
  conditionsProblem,
  countProblem,
  expected,
  unknownIn,
} from './condition-problems.js'
import { type ConditionStatus, type Conditions, type History, riseText, statusesOf, stepsStatus } from './conditions.js'
import { percent, short } from './numbers.js'
import { errorOfMean, meanOf, trendOf } from './slope.js'

/** The conditions that can end a stage: all but a drop of the reward. */
export type Ends = Omit<Conditions, 'rewardDrop'>

/**
 * What ends a stage: any of the conditions, `all` or `steps`, at least one of which is given. While the reward falls or has fallen, only
 * `steps`: a longer context is no answer to a collapse.
 */
export interface Until extends Ends {
  /** The stage is over after so many steps since it was entered, at least 1; no such end where left out. */
  steps?: number | undefined
  /** All of these after one step; at least two. */
  all?: Ends | undefined
  /** Nothing but `steps` counts before so many steps of the stage, at least 1; from the first step on where left out. */
  minSteps?: number | undefined
  /** What counts as a reward that falls; with its defaults where left out. */
  unlessRewardFalls?: Falling | undefined
}

/**
 * The reward falls: the slope of its least-squares line over the last steps is below 0 by more than so many standard errors, or was
 * within the last fifth as many steps, since one good step ends no fall. It has fallen: its mean over as many steps is lower than
 * their highest mean in this stage by more than a share of that one's size, and by more than so many standard errors of the mean.
 */
export interface Falling {
  /** Steps that the slope and the means are over, at least 10; 50 where left out. The slope is looked at from 10 steps on. */
  overSteps?: number | undefined
  /** Standard errors of the slope and of the mean, at least 0; 1 where left out: to wait in vain costs some steps, to lengthen while the reward falls costs the run. */
  standardErrors?: number | undefined
  /** Of the best mean's size, whatever its sign, by which the reward must be lower; 0.1 where left out. */
  share?: number | undefined
}

const fallingDefaults = { overSteps: 50, standardErrors: 1, share: 0.1 }
const fewestForFalling = 10

interface Limited {
  maxResponseTokens: number
  until?: Until | undefined
}

/** Of `steps`, of each other condition, and of those that must hold together. */
export function untilStatuses({ until = {}, maxResponseTokens }: Limited, history: History): ConditionStatus[] {
  return [
    ...statusesOf(until, history, maxResponseTokens),
    ...(until.steps === undefined ? [] : [stepsStatus('steps', history.stageSteps, until.steps)]),
  ]
}

/** Why the stage is not to end though its conditions are met, `steps` apart; undefined where nothing is against it. */
export function untilHold({ until = {} }: Limited, history: History): string | undefined {
  const { minSteps = 0 } = until
  if (history.stageSteps < minSteps) return `${history.stageSteps} of at least ${minSteps} steps done`
  return fallingText(fallingOf(until), history) ?? fallenText(fallingOf(until), history)
}

function fallingText({ overSteps, standardErrors }: typeof fallingDefaults, { rewards }: History): string | undefined {
  for (let ago = 0; ago < recentSteps(overSteps); ago++) {
    const last = rewards.slice(0, rewards.length - ago).slice(-overSteps)
    if (last.length < fewestForFalling) return undefined
    const trend = trendOf(last)
    if (trend.slope + standardErrors * trend.standardError >= 0) continue
    const when = ago === 0 ? '' : `, ${ago} steps ago`
    const fall = riseText(trend, { overSteps: last.length, standardErrors })
    return `${fall}${when}, more than ${standardErrors} standard errors`
  }
  return undefined
}

function fallenText(
  { overSteps, standardErrors, share }: typeof fallingDefaults,
  { rewards, bestForFall: best }: History,
): string | undefined {
  // What begins anew in a stage forgets its rewards, but not the best of them.
  if (best === null || rewards.length < overSteps) return undefined
  const last = rewards.slice(-overSteps)
  const mean = meanOf(last)
  // A share of a best near 0 is next to nothing: noise would pass for a fall.
  if (best - mean <= Math.max(share * Math.abs(best), standardErrors * errorOfMean(last))) return undefined
  const fall = `a mean reward of ${short(mean)} over ${overSteps} steps`
  return `${fall}, more than ${percent(share)} below the best of ${short(best)}`
}

/** How many rewards it is looked for in; 0 for a stage that nothing but its steps can end. */
export function rewardsForFalling(until: Until = {}): number {
  const overSteps = stepsForFallen(until)
  return overSteps === 0 ? 0 : overSteps + recentSteps(overSteps) - 1
}

/** Over how many the mean is taken; 0 for a stage that nothing but its steps can end. */
export const stepsForFallen = (until: Until = {}): number => (watchesEnds(until) ? fallingOf(until).overSteps : 0)

const recentSteps = (overSteps: number): number => Math.ceil(overSteps / 5)

const fallingOf = ({ unlessRewardFalls }: Until): typeof fallingDefaults => ({
  overSteps: unlessRewardFalls?.overSteps ?? fallingDefaults.overSteps,
  standardErrors: unlessRewardFalls?.standardErrors ?? fallingDefaults.standardErrors,
  share: unlessRewardFalls?.share ?? fallingDefaults.share,
})

const watchesEnds = ({ truncatedShare, answerLength, rewardPlateau, all }: Until): boolean =>
  [truncatedShare, answerLength, rewardPlateau, all].some((condition) => condition !== undefined)

const names: readonly ConditionName[] = ['truncatedShare', 'answerLength', 'rewardPlateau']
const others = ['steps', 'all', 'minSteps', 'unlessRewardFalls']

/** What is wrong with it, if anything. */
export function untilProblem({ until = {}, maxResponseTokens }: Limited): string | undefined {
  const { steps, all, minSteps, unlessRewardFalls } = until
  return (
    conditionsProblem(until, { where: 'until', names, others }, maxResponseTokens) ??
    (all && allProblem(all, { where: 'until.all', names }, maxResponseTokens)) ??
    (steps === undefined && !watchesEnds(until) ? `expected steps, ${names.join(', ')} or all in until` : undefined) ??
    (steps === undefined ? undefined : countProblem('until.steps', steps)) ??
    (minSteps === undefined ? undefined : minStepsProblem(minSteps, until)) ??
    (unlessRewardFalls && fallingProblem(unlessRewardFalls, until))
  )
}

function minStepsProblem(minSteps: number, until: Until): string | undefined {
  const { steps = Number.POSITIVE_INFINITY } = until
  if (!watchesEnds(until)) return 'expected a condition beside steps for until.minSteps, got none'
  if (steps < minSteps) return expected(`at most steps = ${steps}`, 'until.minSteps', minSteps)
  return countProblem('until.minSteps', minSteps)
}

function fallingProblem(falling: Falling, until: Until): string | undefined {
  const where = 'until.unlessRewardFalls'
  const { overSteps, standardErrors, share } = fallingOf({ unlessRewardFalls: falling })
  const unknown = unknownIn(falling, { where, known: Object.keys(fallingDefaults) })
  if (unknown !== undefined) return unknown
  if (!watchesEnds(until)) return `expected a condition beside steps for ${where}, got none`
  if (!(Number.isSafeInteger(overSteps) && overSteps >= fewestForFalling))
    return expected(`a whole number of at least ${fewestForFalling}`, `${where}.overSteps`, overSteps)
  for (const [name, value] of Object.entries({ standardErrors, share }))
    if (!(value >= 0 && Number.isFinite(value))) return expected('a number of at least 0', `${where}.${name}`, value)
  return undefined
}
