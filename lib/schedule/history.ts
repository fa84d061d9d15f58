// What is remembered of a stage's steps: no more than its conditions look at.

import { type Back, dropOf } from './back.js'
import type { Conditions, History } from './conditions.js'
import type { OnPlateau } from './on-plateau.js'
import { meanOf } from './slope.js'
import { rewardsForFalling, stepsForFallen, type Until } from './until.js'

/** What the schedule is told of a step; StepMetrics has all of it. */
export interface ScheduleMetrics {
  /** Share of the step's answers that were cut at the limit, 0 to 1. */
  truncatedShare: number
  /** Mean length of the step's answers, in tokens; finite. */
  meanTokens: number
  /** Mean reward, in whatever unit the reward has; finite. */
  reward: number
  /** Batches of rows that the step drew from the data: 1 where left out, more where groups were dropped and drawn anew. */
  numBatches?: number | undefined
}

const noBest = { bestForDrop: null, bestForFall: null }

export const noHistory: History = { stageSteps: 0, truncatedShares: [], meanTokens: [], rewards: [], ...noBest }

interface Watching {
  until?: Until | undefined
  back?: Back | undefined
  onPlateau?: OnPlateau | undefined
}

/** After one more step of the stage; the stage that follows may ask for rewards of this one. */
export function remember(
  history: History,
  metrics: ScheduleMetrics,
  { stage, following }: { stage: Watching; following: Watching | undefined },
): History {
  const needed = windowsOf(stage)
  const numRewards = Math.max(needed.rewards, dropOf(following?.back)?.overSteps ?? 0)
  const rewards = lastOf(history.rewards, metrics.reward, numRewards)
  return {
    stageSteps: history.stageSteps + 1,
    truncatedShares: lastOf(history.truncatedShares, metrics.truncatedShare, needed.truncatedShares),
    meanTokens: lastOf(history.meanTokens, metrics.meanTokens, needed.meanTokens),
    rewards,
    bestForDrop: bestOf(history.bestForDrop, rewards, dropOf(stage.back)?.overSteps),
    bestForFall: bestOf(history.bestForFall, rewards, stepsForFallen(stage.until)),
  }
}

/** The level of the reward at the end of a stage, over as many steps as the next one's drop looks at; null where there are fewer. */
export function levelFor(back: Back | undefined, { rewards }: History): number | null {
  const overSteps = dropOf(back)?.overSteps
  return bestOf(null, rewards, overSteps)
}

function bestOf(best: number | null, rewards: readonly number[], overSteps = 0): number | null {
  if (overSteps === 0 || rewards.length < overSteps) return best
  return Math.max(best ?? Number.NEGATIVE_INFINITY, meanOf(rewards.slice(-overSteps)))
}

function windowsOf({
  until = {},
  back = {},
  onPlateau,
}: Watching): Record<'truncatedShares' | 'meanTokens' | 'rewards', number> {
  const given: Conditions[] = [until, until.all, back, back.all].filter((conditions) => conditions !== undefined)
  const largest = (windowOf: (conditions: Conditions) => number | undefined) =>
    Math.max(0, ...given.map((conditions) => windowOf(conditions) ?? 0))
  return {
    truncatedShares: largest(({ truncatedShare }) => truncatedShare?.forSteps),
    meanTokens: largest(({ answerLength }) => answerLength?.forSteps),
    rewards: Math.max(
      largest(({ rewardPlateau }) => rewardPlateau?.overSteps),
      largest(({ rewardDrop }) => rewardDrop?.overSteps),
      onPlateau?.overSteps ?? 0,
      rewardsForFalling(until),
    ),
  }
}

const lastOf = (values: readonly number[], value: number, count: number): readonly number[] =>
  count === 0 ? [] : [...values, value].slice(-count)
