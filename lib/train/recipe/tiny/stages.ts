// The stages of a shrunken recipe: every one of them, with all it asks for, over as few steps as show it. Pure.
import type { Recipe } from '../schema.js'
import { promptBounds } from './data.js'
import type { Scale } from './scale.js'

type Schedule = Recipe['schedule']
type Stage = Schedule['stages'][number]
type Until = NonNullable<Stage['until']>
type Conditions = Pick<NonNullable<Stage['back']>, 'truncatedShare' | 'answerLength' | 'rewardPlateau' | 'rewardDrop'>

export function tinySchedule(schedule: Schedule, scale: Scale): Schedule {
  const { stages, maxSteps } = schedule
  const boundsOf = promptBounds(stages)
  // Each step back leads through a stage once more.
  const numEntered = stages.length + stages.filter(({ back }) => back).length
  return {
    ...(maxSteps !== undefined && { maxSteps: numEntered * scale.stageSteps }),
    stages: stages.map((stage): Stage => {
      const { select } = stage
      const { minPromptTokens: _, maxPromptTokens: __, ...rest } = select ?? {}
      return { ...tinyStage(stage, scale), ...(select && { select: { ...rest, ...boundsOf(select) } }) }
    }),
  }
}

function tinyStage(stage: Stage, scale: Scale): Stage {
  const { maxResponseTokens, numAnswers, learningRate, learningRateSchedule, until = {}, back, onPlateau } = stage
  const limit = scale.tokens(maxResponseTokens)
  return {
    ...stage,
    maxResponseTokens: limit,
    ...(numAnswers !== undefined && { numAnswers: scale.answers(numAnswers) }),
    ...(learningRate !== undefined && { learningRate: scale.rate(learningRate) }),
    ...(learningRateSchedule && { learningRateSchedule: tinyRateSchedule(learningRateSchedule, scale) }),
    until: tinyUntil(until, limit, scale),
    ...(back && { back: tinyBack(back, limit, scale) }),
    ...(onPlateau && { onPlateau: { ...onPlateau, overSteps: plateauSteps(onPlateau, scale) } }),
  }
}

/** Every condition stays in force, and steps end the stage whatever they say. */
function tinyUntil({ all, minSteps, unlessRewardFalls, ...until }: Until, limit: number, scale: Scale): Until {
  return {
    ...tinyConditions(until, limit, scale),
    ...(all && { all: tinyConditions(all, limit, scale) }),
    ...(minSteps !== undefined && { minSteps: Math.min(minSteps, scale.stageSteps) }),
    ...(unlessRewardFalls && { unlessRewardFalls: { ...unlessRewardFalls, overSteps: fewestForFalling } }),
    steps: scale.stageSteps,
  }
}

function tinyBack(back: NonNullable<Stage['back']>, limit: number, scale: Scale): NonNullable<Stage['back']> {
  const { all, minSteps, cooldownSteps, ...rest } = back
  return {
    ...rest,
    ...tinyConditions(back, limit, scale),
    ...(all && { all: tinyConditions(all, limit, scale) }),
    ...(minSteps !== undefined && { minSteps: Math.min(minSteps, scale.stageSteps) }),
    ...(cooldownSteps !== undefined && { cooldownSteps: Math.min(cooldownSteps, scale.stageSteps) }),
    atMost: 1,
  }
}

function tinyConditions(
  { truncatedShare, answerLength, rewardPlateau, rewardDrop }: Conditions,
  limit: number,
  scale: Scale,
): Conditions {
  const fewer = <Condition extends { forSteps: number }>(condition: Condition): Condition => ({
    ...condition,
    forSteps: Math.min(condition.forSteps, scale.stageSteps),
  })
  return {
    ...(truncatedShare && { truncatedShare: fewer(truncatedShare) }),
    ...(answerLength && {
      answerLength: fewer({ ...answerLength, above: tinyLength(answerLength.above, limit, scale) }),
    }),
    ...(rewardPlateau && { rewardPlateau: { ...rewardPlateau, overSteps: plateauSteps(rewardPlateau, scale) } }),
    ...(rewardDrop && { rewardDrop: { ...rewardDrop, overSteps: Math.min(rewardDrop.overSteps, scale.stageSteps) } }),
  }
}

/** Below 1 it is a share of the limit, else tokens, fewer than that. */
const tinyLength = (above: number, limit: number, scale: Scale): number =>
  above < 1 ? above : Math.min(scale.tokens(above), limit - 1)

/** A slope takes two rewards, and one with an error three. */
const plateauSteps = (
  { overSteps, standardErrors = 0 }: { overSteps: number; standardErrors?: number | undefined },
  scale: Scale,
) => Math.min(overSteps, Math.max(scale.stageSteps, standardErrors > 0 ? 3 : 2))

/** The fewest that are looked at: see lib/schedule/until.ts. */
const fewestForFalling = 10

type RateSchedule = NonNullable<Stage['learningRateSchedule']>

export function tinyRateSchedule(schedule: RateSchedule, { runSteps }: Scale): RateSchedule {
  const { steps, warmupSteps } = schedule
  const warmup = runSteps(warmupSteps)
  return { ...schedule, warmupSteps: warmup, ...(steps !== undefined && { steps: Math.max(warmup, runSteps(steps)) }) }
}
