// What a run tells while it goes: one type for the terminal, for plain lines, for --json and for metrics.jsonl.
import type { RewardCode } from './recipe-rewards.js'
import type { StageRehearsal } from './rehearsal/rehearse.js'

/** One GRPO step. Shares are of the step's samples; times are in seconds. */
export interface StepMetrics {
  /** Counted from 1 over the whole run. */
  step: number
  /** Index of the stage, from 0. */
  stage: number
  maxResponseTokens: number
  /** Mean reward. */
  reward: number
  /** Share of scored samples that are right: with several rewards, those whose first reward is 1. */
  passRate: number
  /** Means of what the reward is made of, without weights, where it has parts or a penalty. */
  rewardParts?: Record<string, number>
  meanTokens: number
  maxTokens: number
  truncatedShare: number
  /** Share of samples that end in a loop. */
  repeatedShare: number
  /** Share of the finished samples whose answer the reward could not read. */
  unparsedShare: number
  /** Share of groups whose scores are all the same. */
  uniformShare: number
  /**
   * Mean entropy of the policy over the tokens learned from, in nats; in a step with nothing to learn, estimated by the
   * sampled tokens' mean −log p.
   */
  entropy: number
  /** Mean over the step's updates; 0 where there was nothing to learn. */
  loss: number
  clipFraction: number
  /** Mean of the policy's probability by the rollout's, over the tokens learned from; 1 before a step's first update. */
  ratio: number
  /** How far the policy has moved from the rollout's within the step: the k3 estimate, over the same tokens. */
  rolloutKl: number
  /** Mean KL of the policy to the reference over answer tokens, by the objective's estimator; 0 without a reference. */
  referenceKl: number
  /** Norm of the gradient before clipping, mean over the step's updates; 0 where there was nothing to learn. */
  gradientNorm: number
  /** max |rolloutLogprob − policyLogprob| before the step's first update: 0, or the run would have stopped. */
  maxLogprobDifference: number
  learningRate: number
  entropyWeight: number
  klWeight: number
  numSamples: number
  /** Batches of rows drawn from the data: more than 1 with dynamic sampling only. */
  numBatches: number
  /** Times that prompts were sampled. */
  numRounds: number
  /** Groups that were learned from, of those sampled. */
  numGroups: number
  numSampledGroups: number
  /** Samples left out of the loss as overlong. */
  numMaskedAnswers: number
  /** Samples that left their group because a reward failed on them. */
  numMissingRewards: number
  rolloutTokensPerSecond: number
  trainTokensPerSecond: number
  seconds: number
}

/** pass@1 when answers are cut at one limit, with the standard error over problems. */
export interface AccuracyAtLimit {
  maxResponseTokens: number
  passAt1: number
  standardError: number
}

/** One of several sets of held-out problems. */
export interface SetAccuracy {
  name: string
  passAt1: number
  standardError: number
}

/** The held-out evaluation after a phase; the first phase is the base, before reinforcement learning. */
export interface PhaseReport {
  name: string
  /** At the evaluation's limit, over the problems of all sets. */
  passAt1: number
  standardError: number
  meanTokens: number
  truncatedShare: number
  /** The stage's own limit, just before and just after the stage; absent for the base. */
  atOwnLimit?: { before: AccuracyAtLimit; after: AccuracyAtLimit }
  /** Each set's; absent where the recipe names none. */
  sets?: SetAccuracy[]
  seconds: number
}

export interface ExampleAnswer {
  text: string
  reward: number
  numTokens: number
}

export type RunEvent =
  | {
      type: 'start'
      run: string
      recipe: string
      numParameters: number
      device: string
      numThreads: number
      target: string
    }
  /** An earlier life of the run is gone on with: after so many steps, from this checkpoint. Those passed over are damaged. */
  | { type: 'resumed'; step: number; checkpoint: string | null; damaged: string[] }
  /** Rows of the data that were passed over, as the recipe's maxBadRows allows: each with its place and what is wrong with it. */
  | { type: 'badRows'; problems: string[] }
  | { type: 'distill'; step: number; maxSteps: number; loss: number; tokensPerSecond: number; seconds: number }
  /** The supervised phase has ended, by its level or, where the level was not reached, by its steps. */
  | { type: 'distillEnd'; step: number; level: number; meanLoss: number; isLevelReached: boolean }
  | { type: 'phase'; phase: PhaseReport }
  | { type: 'stage'; stage: number; maxResponseTokens: number; why: string }
  /** Something began anew within a stage, or a step did not get its groups. */
  | { type: 'note'; step: number; text: string }
  /** The guard has found something: it warns, or the run went back to a step, or it is about to stop. */
  | { type: 'guard'; step: number; action: 'warn' | 'rollback' | 'stop'; text: string; toStep?: number }
  /** Code that the recipe names, before it is run. */
  | ({ type: 'code' } & RewardCode)
  /** It was asked to stop, and will after the step under way. */
  | { type: 'stopping' }
  /** A stage's worst batch, or the evaluation's, was run before the first step. */
  | ({ type: 'rehearsal' } & StageRehearsal)
  /** The run is over before its last stage, since no row is left. */
  | { type: 'runEnd'; why: string }
  | ({ type: 'step' } & StepMetrics)
  | { type: 'example'; problem: string; expected: string; before: ExampleAnswer; after: ExampleAnswer }
  | { type: 'summary'; run: string; phases: PhaseReport[]; weightsSha256: string; seconds: number }
