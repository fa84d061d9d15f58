// What ends a stage, and what of its steps must be remembered to know. Pure, and plain JSON.
import { unknownKey } from '../nearest-name.js'
import { slopeOf } from './slope.js'

/** The first of them that comes. */
export interface Until {
  /** Steps of this stage. */
  steps?: number | undefined
  /** The share of answers cut at the limit was above this in each of so many steps running. */
  truncatedShare?: { above: number; forSteps: number } | undefined
  /** The mean answer was longer than this in each of so many steps running: a share of the limit below 1, else tokens. */
  answerLength?: { above: number; forSteps: number } | undefined
  /** Over the last so many steps the mean reward rose by less than this a step, by least squares. */
  rewardPlateau?: { overSteps: number; slopeBelow: number } | undefined
}

export interface ScheduleMetrics {
  /** Share of the step's answers that were cut at the limit. */
  truncatedShare: number
  /** Mean length of the step's answers. */
  meanTokens: number
  /** Mean reward. */
  reward: number
}

export interface Progress {
  /** Steps done in this stage. */
  stageSteps: number
  /** Steps running, up to the last, whose share of truncated answers was above the stage's bound. */
  truncatedSteps: number
  /** The same for the mean length of answers. */
  longSteps: number
  /** Mean rewards of the last steps, as many as the stage's plateau looks at. */
  rewards: readonly number[]
}

export const noProgress: Progress = { stageSteps: 0, truncatedSteps: 0, longSteps: 0, rewards: [] }

interface Limited {
  maxResponseTokens: number
  until?: Until | undefined
}

/** After one more step of the stage. */
export function advance(progress: Progress, metrics: ScheduleMetrics, { until, maxResponseTokens }: Limited): Progress {
  const running = (isAbove: boolean, before: number) => (isAbove ? before + 1 : 0)
  const { truncatedShare, answerLength, rewardPlateau } = until ?? {}
  const isTruncated = metrics.truncatedShare > (truncatedShare?.above ?? 1)
  const isLong = answerLength !== undefined && metrics.meanTokens > tokensOf(answerLength.above, maxResponseTokens)
  return {
    stageSteps: progress.stageSteps + 1,
    truncatedSteps: running(isTruncated, progress.truncatedSteps),
    longSteps: running(isLong, progress.longSteps),
    rewards: rewardPlateau ? [...progress.rewards, metrics.reward].slice(-rewardPlateau.overSteps) : [],
  }
}

/** Why the stage is over, for people; undefined while it is not. */
export function whyOver({ until = {}, maxResponseTokens }: Limited, progress: Progress): string | undefined {
  const { steps, truncatedShare, answerLength, rewardPlateau } = until
  if (truncatedShare && progress.truncatedSteps >= truncatedShare.forSteps) {
    const { above, forSteps } = truncatedShare
    return `more than ${Number((above * 100).toFixed(6))}% of answers truncated in each of ${forSteps} steps`
  }
  if (answerLength && progress.longSteps >= answerLength.forSteps) {
    const { above, forSteps } = answerLength
    return `answers of more than ${tokensOf(above, maxResponseTokens)} tokens on average in each of ${forSteps} steps`
  }
  if (rewardPlateau && progress.rewards.length >= rewardPlateau.overSteps) {
    const slope = slopeOf(progress.rewards)
    const { overSteps, slopeBelow } = rewardPlateau
    const rise = `the reward rose by ${Number(slope.toPrecision(3))} a step over ${overSteps} steps`
    if (slope < slopeBelow) return `${rise}, less than ${slopeBelow}`
  }
  return steps !== undefined && progress.stageSteps >= steps ? `${steps} steps done` : undefined
}

const untilKeys: Record<keyof Until, readonly string[]> = {
  steps: [],
  truncatedShare: ['above', 'forSteps'],
  answerLength: ['above', 'forSteps'],
  rewardPlateau: ['overSteps', 'slopeBelow'],
}

/** What is wrong with it, if anything. */
export function untilProblem({ until = {}, maxResponseTokens }: Limited): string | undefined {
  const { steps, truncatedShare, answerLength, rewardPlateau } = until
  const unknown = unknownKeyIn(until)
  if (unknown !== undefined) return unknown
  if (Object.values(until).every((condition) => condition === undefined))
    return 'expected steps, truncatedShare, answerLength or rewardPlateau in until'
  return (
    (steps === undefined ? undefined : countProblem('steps', steps)) ??
    (truncatedShare && shareProblem('truncatedShare.above', truncatedShare.above)) ??
    (truncatedShare && countProblem('truncatedShare.forSteps', truncatedShare.forSteps)) ??
    (answerLength && lengthProblem(answerLength.above, maxResponseTokens)) ??
    (answerLength && countProblem('answerLength.forSteps', answerLength.forSteps)) ??
    (rewardPlateau && plateauProblem(rewardPlateau))
  )
}

function unknownKeyIn(until: Until): string | undefined {
  const levels: [object, string, readonly string[]][] = [[until, 'until', Object.keys(untilKeys)]]
  for (const [name, known] of Object.entries(untilKeys))
    if (known.length > 0) levels.push([until[name as keyof Until] as object, `until.${name}`, known])
  for (const [value, where, known] of levels)
    for (const key of Object.keys(value ?? {})) if (!known.includes(key)) return unknownKey(key, { known, where })
  return undefined
}

const tokensOf = (above: number, limit: number): number => (above < 1 ? above * limit : above)

const expected = (what: string, name: string, got: number): string => `expected ${what} for until.${name}, got ${got}`

const countProblem = (name: string, value: number): string | undefined =>
  isCount(value) ? undefined : expected('a positive whole number', name, value)

const shareProblem = (name: string, value: number): string | undefined =>
  value >= 0 && value < 1 ? undefined : expected('a share from 0 to below 1', name, value)

const lengthProblem = (above: number, limit: number): string | undefined =>
  above > 0 && above < limit
    ? undefined
    : expected(`a share below 1 of maxResponseTokens or fewer tokens than its ${limit}`, 'answerLength.above', above)

function plateauProblem({ overSteps, slopeBelow }: NonNullable<Until['rewardPlateau']>): string | undefined {
  if (!(isCount(overSteps) && overSteps >= 2))
    return expected('a whole number of at least 2', 'rewardPlateau.overSteps', overSteps)
  return Number.isFinite(slopeBelow) ? undefined : expected('a number', 'rewardPlateau.slopeBelow', slopeBelow)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}
