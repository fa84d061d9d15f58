// What a stage's steps are watched for. Each condition looks at the last steps of the stage, and says how near it is.
import { percent, short } from './numbers.js'
import { meanOf, type Trend, trendOf } from './slope.js'

/** A measure above a bound in each of so many steps running. */
export interface AboveForSteps {
  /** The bound: a share from 0 to below 1 of answers cut; for lengths, a share of the limit below 1, else tokens below the limit. */
  above: number
  /** Steps running, at least 1. A step that is not above the bound begins the count anew. */
  forSteps: number
}

/**
 * Over the last so many steps the mean reward rose by less than `slopeBelow` a step: the slope of the least-squares line, with so
 * many of its standard errors added, is below. None of them asks what the slope is; two, whether it is low for certain.
 */
export interface Plateau {
  /** How many of the stage's last steps the line goes through: at least 2, or 3 where `standardErrors` is above 0. */
  overSteps: number
  /** In reward a step; may be 0 or negative, and then asks for a reward that falls. */
  slopeBelow: number
  /** How many standard errors of the slope are added to it; 0 where left out. */
  standardErrors?: number | undefined
}

/** The mean reward of the last so many steps is lower by more than `by` than the highest mean of as many steps running. */
export interface Drop {
  /** In units of the reward, above 0; no share of the best. */
  by: number
  /** Steps that each mean is over, at least 1. */
  overSteps: number
}

/** What the steps of a stage may be watched for; what is left out is not looked at. */
export interface Conditions {
  /** The share of answers cut at the limit was above a bound for some steps running. */
  truncatedShare?: AboveForSteps | undefined
  /** The mean length of answers was above a bound for some steps running. The bound is a share of the limit below 1, else tokens. */
  answerLength?: AboveForSteps | undefined
  /** The mean reward no longer rises, as a line through the last steps says. */
  rewardPlateau?: Plateau | undefined
  /** The mean reward has fallen below its best of this stage, or below its level at the end of the one before where the two compare. */
  rewardDrop?: Drop | undefined
}

/** What the conditions look at: the last steps of a stage, as many as it asks for. Plain JSON. */
export interface History {
  /** Steps done in this stage since it was entered. */
  stageSteps: number
  /** Shares of answers cut at the limit, 0 to 1, the latest step last; as many as the stage's conditions look at. */
  truncatedShares: readonly number[]
  /** Mean lengths of answers, in tokens, the latest step last. */
  meanTokens: readonly number[]
  /** Mean rewards, the latest step last; since the last reset within the stage. */
  rewards: readonly number[]
  /** The highest mean reward of as many steps running as the stage's drop looks at; null before there are so many. */
  bestForDrop: number | null
  /** The same over as many steps as `until` looks at for a reward that falls. */
  bestForFall: number | null
}

/** How near one condition is, and whether it holds. */
export interface ConditionStatus {
  /** Its key in the recipe: what is watched. */
  condition: 'steps' | 'maxSteps' | 'all' | keyof Conditions
  /** Whether it holds after the last step; what it would do may still be held back. */
  isMet: boolean
  /** What is measured against `bound`; null where there are no steps yet that say it, and for several conditions at once. */
  value: number | null
  /**
   * By condition: a share, tokens (also where the recipe has a share of the limit), reward a step, reward, or steps; null for several
   * conditions at once.
   */
  bound: number | null
  /** Steps that speak for it, of those that it takes. */
  numSteps: number
  /** Steps that it takes; of several conditions at once, those of the one that is furthest from them. */
  neededSteps: number
  /** With the numbers, for people. */
  text: string
}

/** Of each condition that is given, and of those that must hold together. */
export function statusesOf(
  conditions: Conditions & { all?: Conditions | undefined },
  history: History,
  limit: number,
): ConditionStatus[] {
  const { truncatedShare, answerLength, rewardPlateau, rewardDrop, all } = conditions
  return [
    truncatedShare && truncatedStatus(truncatedShare, history),
    answerLength && lengthStatus(answerLength, history, limit),
    rewardPlateau && plateauStatus(rewardPlateau, history),
    rewardDrop && dropStatus(rewardDrop, history),
    all && together(statusesOf(all, history, limit)),
  ].filter((status) => status !== undefined)
}

export function stepsStatus(condition: 'steps' | 'maxSteps', numSteps: number, neededSteps: number): ConditionStatus {
  const isMet = numSteps >= neededSteps
  const text = isMet ? `${neededSteps} steps done` : `${numSteps} of ${neededSteps} steps done`
  return { condition, isMet, value: numSteps, bound: neededSteps, numSteps, neededSteps, text }
}

/** In tokens. */
export const tokensOf = (above: number, limit: number): number => (above < 1 ? above * limit : above)

function together(parts: readonly ConditionStatus[]): ConditionStatus {
  const isMet = parts.every((part) => part.isMet)
  // What is furthest away says how near they are together.
  const [least] = parts.toSorted((a, b) => a.numSteps / a.neededSteps - b.numSteps / b.neededSteps)
  const { numSteps = 0, neededSteps = 0 } = least ?? {}
  const text = parts.map((part) => part.text).join(', and ')
  return { condition: 'all', isMet, value: null, bound: null, numSteps, neededSteps, text }
}

function truncatedStatus({ above, forSteps }: AboveForSteps, { truncatedShares }: History): ConditionStatus {
  const status = runningStatus('truncatedShare', truncatedShares, { above, forSteps })
  const { value, numSteps, isMet } = status
  const last = value === null ? 'no step yet' : `${percent(value)} in the last`
  const text = isMet
    ? `more than ${percent(above)} of answers truncated in each of ${forSteps} steps, ${last}`
    : `more than ${percent(above)} of answers truncated in ${numSteps} of ${forSteps} steps running, ${last}`
  return { ...status, text }
}

function lengthStatus(
  { above: bound, forSteps }: AboveForSteps,
  { meanTokens }: History,
  limit: number,
): ConditionStatus {
  const above = tokensOf(bound, limit)
  const status = runningStatus('answerLength', meanTokens, { above, forSteps })
  const { value, numSteps, isMet } = status
  const last = value === null ? 'no step yet' : `${short(value)} in the last`
  const text = isMet
    ? `answers of more than ${short(above)} tokens on average in each of ${forSteps} steps, ${last}`
    : `answers of more than ${short(above)} tokens on average in ${numSteps} of ${forSteps} steps running, ${last}`
  return { ...status, text }
}

function runningStatus(
  condition: 'truncatedShare' | 'answerLength',
  values: readonly number[],
  { above, forSteps }: AboveForSteps,
): Omit<ConditionStatus, 'text'> {
  const numSteps = Math.min(values.length - 1 - values.findLastIndex((value) => !(value > above)), forSteps)
  const isMet = numSteps >= forSteps
  return { condition, isMet, value: values.at(-1) ?? null, bound: above, numSteps, neededSteps: forSteps }
}

function plateauStatus(plateau: Plateau, { rewards }: History): ConditionStatus {
  const { overSteps, slopeBelow, standardErrors = 0 } = plateau
  const last = rewards.slice(-overSteps)
  const status = { condition: 'rewardPlateau', bound: slopeBelow, neededSteps: overSteps } as const
  if (last.length < overSteps) {
    const text = `${last.length} of the ${overSteps} steps done that the reward's slope takes`
    return { ...status, isMet: false, value: null, numSteps: last.length, text }
  }
  const trend = trendOf(last)
  const value = highest(trend, standardErrors)
  const isMet = value < slopeBelow
  return { ...status, isMet, value, numSteps: overSteps, text: plateauText(plateau, trend, isMet) }
}

function plateauText({ overSteps, slopeBelow, standardErrors = 0 }: Plateau, trend: Trend, isMet: boolean): string {
  const asked = `${isMet ? '' : 'not '}less than ${slopeBelow}`
  const certain = standardErrors > 0 ? ` with ${standardErrors} standard errors added` : ''
  return `${riseText(trend, { overSteps, standardErrors })}, ${asked}${certain}`
}

/** What the reward did, in words. */
export function riseText(
  { slope, standardError }: Trend,
  { overSteps, standardErrors }: { overSteps: number; standardErrors: number },
): string {
  const give = standardErrors > 0 ? ` ± ${short(standardError)}` : ''
  const [verb, size] = slope < 0 ? ['fell', -slope] : ['rose', slope]
  return `the reward ${verb} by ${short(size)}${give} a step over ${overSteps} steps`
}

/** How much the slope may be; standard errors that were not asked for say nothing, not even where they are infinite. */
const highest = ({ slope, standardError }: Trend, standardErrors: number): number =>
  standardErrors === 0 ? slope : slope + standardErrors * standardError

function dropStatus({ by, overSteps }: Drop, { rewards, bestForDrop: best }: History): ConditionStatus {
  const last = rewards.slice(-overSteps)
  const status = { condition: 'rewardDrop', bound: by, neededSteps: overSteps } as const
  if (last.length < overSteps || best === null) {
    const text = `${last.length} of the ${overSteps} steps done that a drop of the reward takes`
    return { ...status, isMet: false, value: null, numSteps: last.length, text }
  }
  const mean = meanOf(last)
  const value = best - mean
  const isMet = value > by
  const drop = `a mean reward of ${short(mean)} over ${overSteps} steps, ${short(value)} below the best`
  const text = `${drop} of ${short(best)}, ${isMet ? '' : 'not '}more than ${by}`
  return { ...status, isMet, value, numSteps: overSteps, text }
}
