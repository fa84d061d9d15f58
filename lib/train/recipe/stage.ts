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
  /** Rewards of the stage that the least-squares line goes through, the latest: at least 2, and 3 with standardErrors. */
  overSteps: count,
  /** The plateau is there once the mean reward rises by less than this a step; below 0, once it falls. */
  slopeBelow: z.number(),
  /** So many standard errors of the slope are added before it is compared; 0 where left out. */
  standardErrors: nonNegative.optional(),
}

const running = {
  /** Steps of the stage in a row, the latest the last, each of which must be above. */
  forSteps: count,
}

const conditions = {
  /** The share of a step's answers that are cut at the limit. */
  truncatedShare: z
    .strictObject({
      /** From 0 to below 1: the share must be greater. */
      above: share,
      ...running,
    })
    .optional(),
  /** The mean length of a step's answers. */
  answerLength: z
    .strictObject({
      /** A share of the limit below 1, else tokens: the mean must be greater. */
      above: positive,
      ...running,
    })
    .optional(),
  /** The mean reward no longer rises: docs/context-controller.md has the formula. */
  rewardPlateau: z.strictObject(plateau).optional(),
}

const backConditions = {
  ...conditions,
  /** The mean reward has fallen. Here or in `all`, not in both. */
  rewardDrop: z
    .strictObject({
      /** The mean of the last rewards must be lower by more than this than the highest such mean. */
      by: positive,
      /** Steps that a mean is over. */
      overSteps: count,
    })
    .optional(),
}

const untilSection = z.strictObject({
  ...conditions,
  /** Of these at least two, in one step. */
  all: z.strictObject(conditions).optional(),
  /** Steps of the stage since it was entered: they end it whatever the reward does. */
  steps: count.optional(),
  /** Steps of the stage that all but `steps` waits for; 0 where left out. */
  minSteps: count.optional(),
  /** When the reward counts as falling, or fallen, so that only `steps` ends the stage. Looked at with the defaults where left out. */
  unlessRewardFalls: z
    .strictObject({
      /** Rewards that are looked at, at least 10; 50 where left out. */
      overSteps: count.optional(),
      /** It falls where the slope is below 0 by more than so many of its standard errors; 1 where left out. */
      standardErrors: nonNegative.optional(),
      /** It has fallen where its mean is below the stage's highest by more than this share of that; 0.1 where left out. */
      share: nonNegative.optional(),
    })
    .optional(),
})

const backSection = z.strictObject({
  ...backConditions,
  /** Of these at least two, in one step. */
  all: z.strictObject(backConditions).optional(),
  /** Steps of the stage before which the run does not go back; 0 where left out. */
  minSteps: countOrNone.optional(),
  /** How often in a run; once where left out. */
  atMost: count.optional(),
  /** In the stage gone back to, steps before which nothing but maxSteps moves the run; 0 where left out. */
  cooldownSteps: countOrNone.optional(),
  /** What begins anew with the step back; nothing where left out, whatever `reset` of the stage gone back to says. */
  reset: reset.optional(),
})

const stageSection = z.strictObject({
  /** The longest answer, in tokens; a longer one is cut there, and counts as wrong. Not below that of the stage before, unless mayShrink. */
  maxResponseTokens: count,
  /** Answers to each problem; rollout.numAnswers where left out. */
  numAnswers: count.optional(),
  /** Of sampling; rollout.temperature where left out. */
  temperature: positive.optional(),
  /** objective.clipLow where left out. */
  clipLow: positive.optional(),
  /** objective.clipHigh where left out; .inf: no upper clip. */
  clipHigh: clipHigh.optional(),
  /** objective.dualClip where left out; .inf: no bound. */
  dualClip: dualClip.optional(),
  /** objective.klWeight where left out; 0: the stage has no KL term. */
  klWeight: nonNegative.optional(),
  /** objective.klEstimator where left out. */
  klEstimator: z.enum(['k1', 'k2', 'k3']).optional(),
  /** objective.entropyWeight where left out; not beside adaptiveEntropy, which sets it. */
  entropyWeight: nonNegative.optional(),
  /** optimizer.learningRate where left out. Begins learningRateSchedule anew, the stage's own or the run's. */
  learningRate: nonNegative.optional(),
  /** Counted from the stage's first step; the run's, which goes on, where left out. */
  learningRateSchedule: learningRateSchedule.optional(),
  /** What begins anew with the stage: optimizer, with its rate's schedule; dataOrder; reference, as a copy of the weights of now. */
  reset: reset.optional(),
  /** Says that a limit below that of the stage before is meant. */
  mayShrink: z.boolean().optional(),
  /** The rows that the stage trains on; all where left out, but for those that an earlier maxSolvedBefore has left out. */
  select: selectSection.optional(),
  /** What ends the stage: any of these. Only the last stage may go without, and then has no end but maxSteps. */
  until: untilSection.optional(),
  /** What sends the run back to the stage before: any of these, which docs/context-controller.md tells of. Not in the first stage. */
  back: backSection.optional(),
  /** What begins anew within the stage where the reward no longer rises (ProRL); nothing where left out. */
  onPlateau: z
    .strictObject({
      ...plateau,
      /** At least one of optimizer, with its rate's schedule, dataOrder and reference. */
      reset,
      /** How often in this stage, over the whole run; once where left out. */
      atMost: count.optional(),
    })
    .optional(),
})

export const scheduleSection = z.strictObject({
  /** Steps of the whole run at most, whatever the stages say; no bound where left out. */
  maxSteps: count.optional(),
  /** In order; the first begins with the run. */
  stages: z
    .array(stageSection)
    .min(1)
    .superRefine((stages: Stage[], context) => {
      for (const { index, key, message } of stageProblems(stages)) {
        context.addIssue({ code: 'custom', path: [index, key], message })
      }
    }),
})
