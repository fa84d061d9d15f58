// schedule: its stages, with what ends each, sends it back or begins something anew within it. What the values mean to each other
// is checked with the stages themselves.
import { z } from 'zod'
import { resettable } from '../../schedule/reset.js'
import { type Stage, stageProblems } from '../../schedule/stage.js'
import { learningRateSchedule } from './learning-rate.js'
import { clipHigh, dualClip } from './objective.js'
import { selectSection } from './selection.js'

const count = z.int().min(1)
const countOrNone = z.int().min(0)
const positive = z.number().gt(0)
const nonNegative = z.number().min(0)
const share = z.number().min(0).max(1)
const reset = z.array(z.enum(resettable))

const plateau = {
  overSteps: count,
  /** Of the mean reward, a step. */
  slopeBelow: z.number(),
  /** Added to the slope before it is compared: 0 where left out. */
  standardErrors: nonNegative.optional(),
}

const conditions = {
  truncatedShare: z.strictObject({ above: share, forSteps: count }).optional(),
  /** A share of the limit below 1, else tokens. */
  answerLength: z.strictObject({ above: positive, forSteps: count }).optional(),
  rewardPlateau: z.strictObject(plateau).optional(),
}

const backConditions = { ...conditions, rewardDrop: z.strictObject({ by: positive, overSteps: count }).optional() }

const untilSection = z.strictObject({
  ...conditions,
  /** Of these at least two, in one step. */
  all: z.strictObject(conditions).optional(),
  steps: count.optional(),
  /** What all but steps waits for. */
  minSteps: count.optional(),
  unlessRewardFalls: z
    .strictObject({
      overSteps: count.optional(),
      standardErrors: nonNegative.optional(),
      share: nonNegative.optional(),
    })
    .optional(),
})

const backSection = z.strictObject({
  ...backConditions,
  all: z.strictObject(backConditions).optional(),
  minSteps: countOrNone.optional(),
  atMost: count.optional(),
  cooldownSteps: countOrNone.optional(),
  reset: reset.optional(),
})

const stageSection = z.strictObject({
  maxResponseTokens: count,
  numAnswers: count.optional(),
  temperature: positive.optional(),
  clipLow: positive.optional(),
  clipHigh: clipHigh.optional(),
  dualClip: dualClip.optional(),
  klWeight: nonNegative.optional(),
  klEstimator: z.enum(['k1', 'k2', 'k3']).optional(),
  entropyWeight: nonNegative.optional(),
  /** Begins learningRateSchedule anew, the stage's own or the run's. */
  learningRate: nonNegative.optional(),
  learningRateSchedule: learningRateSchedule.optional(),
  reset: reset.optional(),
  mayShrink: z.boolean().optional(),
  select: selectSection.optional(),
  until: untilSection.optional(),
  back: backSection.optional(),
  onPlateau: z.strictObject({ ...plateau, reset, atMost: count.optional() }).optional(),
})

export const scheduleSection = z.strictObject({
  /** Of the whole run, whatever the stages say. */
  maxSteps: count.optional(),
  stages: z
    .array(stageSection)
    .min(1)
    .superRefine((stages: Stage[], context) => {
      for (const { index, key, message } of stageProblems(stages)) {
        context.addIssue({ code: 'custom', path: [index, key], message })
      }
    }),
})
