// What a run tells while it goes: one type for the terminal, for plain lines, for --json and for metrics.jsonl.
import type { RewardCode } from './recipe-rewards.js'
import type { StageRehearsal } from './rehearsal/rehearse.js'

/** One GRPO step. Shares are from 0 to 1, of the step's samples where nothing else is said; times are in seconds. */
export interface StepMetrics {
  /** Counted from 1 over the whole run. */
  step: number
  /** Index of the stage, from 0. */
  stage: number
  /** The stage's limit on an answer, in tokens. */
  maxResponseTokens: number
  /** Mean over the scored samples of what they are learned from, with weights and penalties. */
  reward: number
  /** Share of scored samples that are right: with several rewards, those whose first reward is 1. */
  passRate: number
  /** Means of what the reward is made of, without weights, where it has parts or a penalty. */
  rewardParts?: Record<string, number>
  /** Mean length of a sample, in tokens, the stop token included. */
  meanTokens: number
  /** Length of the longest sample, in tokens. */
  maxTokens: number
  /** Share of samples cut at the limit. */
  truncatedShare: number
  /** Share of samples that end in a loop. */
  repeatedShare: number
  /** Share of the finished samples whose answer the reward could not read, of those of which it says so; 0 where it says so of none. */
  unparsedShare: number
  /** Share of groups whose answers are all as right as each other, of those with two scored answers or more; 0 without such a group. */
  uniformShare: number
  /**
   * Mean entropy of the policy over the tokens learned from, in nats; in a step with nothing to learn, estimated by the
   * sampled tokens' mean −log p.
   */
  entropy: number
  /** Mean over the step's updates; 0 where there was nothing to learn. */
  loss: number
  /** Share of the tokens learned from that a clip, lower, upper or dual, took the gradient of, or of cispo the ratio; 0 where there are none. */
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
  /** That the step was made with: of its stage and schedule, and lowered by rollbacks. */
  learningRate: number
  /** Of the entropy bonus in the step's loss; with adaptiveEntropy 0 while the entropy is at its target or above. */
  entropyWeight: number
  /** Of the KL term in the step's loss, raised by rollbacks. */
  klWeight: number
  /** Answers sampled, in all rounds. */
  numSamples: number
  /** Batches of rows drawn from the data: more than 1 with dynamic sampling only. */
  numBatches: number
  /** Times that prompts were sampled. */
  numRounds: number
  /** Groups that were learned from, of those sampled. */
  numGroups: number
  /** Prompts that answers were sampled to, in all rounds. */
  numSampledGroups: number
  /** Samples of the groups learned from that are left out of the loss as overlong. */
  numMaskedAnswers: number
  /** Samples that left their group because a reward failed on them. */
  numMissingRewards: number
  /** Tokens of the answers, over the time of sampling and scoring them. */
  rolloutTokensPerSecond: number
  /** Tokens that went through the updates, prompts included, over the time of learning, the reference's scores included. */
  trainTokensPerSecond: number
  /** Of the whole step: sampling, scoring and learning. */
  seconds: number
}

/** pass@1 when answers are cut at one limit, with the standard error over problems. */
export interface AccuracyAtLimit {
  /** The limit, in tokens. */
  maxResponseTokens: number
  /** Share of right answers, 0 to 1: the mean over problems. One that is longer than the limit is wrong. */
  passAt1: number
  /** Of passAt1, from the spread between problems. */
  standardError: number
}

/** One of several sets of held-out problems. */
export interface SetAccuracy {
  /** Of the set, as the recipe's data.heldOutSets calls it. */
  name: string
  /** Share of right answers, 0 to 1: the mean over the set's problems, at the evaluation's limit. */
  passAt1: number
  /** Of passAt1, from the spread between problems. */
  standardError: number
}

/** The held-out evaluation after a phase; the first phase is the base, before reinforcement learning. */
export interface PhaseReport {
  /** `base`, `stage 1` and so on, with `, time 2` behind it where a stage ends again after a step back. */
  name: string
  /** Share of right answers, 0 to 1, at the evaluation's limit: the mean over the problems of all sets. */
  passAt1: number
  /** Of passAt1, from the spread between problems. */
  standardError: number
  /** Mean length of an answer, in tokens, the stop token included. */
  meanTokens: number
  /** Share of answers cut at the evaluation's limit, 0 to 1. */
  truncatedShare: number
  /** The stage's own limit, just before and just after the stage; absent for the base. */
  atOwnLimit?: {
    /** Of the answers of the phase before, cut at this stage's limit. */
    before: AccuracyAtLimit
    /** Of this phase's answers, cut at its stage's limit. */
    after: AccuracyAtLimit
  }
  /** Each set's; absent where the recipe names none. */
  sets?: SetAccuracy[]
  /** Of the evaluation. */
  seconds: number
}

/** One answer to a held-out problem. */
export interface ExampleAnswer {
  /** Without the end token's text and without spaces around it. */
  text: string
  /** What the outcome's reward gave it: 1 is right. */
  reward: number
  /** Its length, in tokens, the stop token included. */
  numTokens: number
}

/** What runRecipe and resumeRun tell, in order of time, told apart by `type`. Plain data; numbers of a step that failed may be NaN. */
export type RunEvent =
  /** The model is in memory and the directory is there. */
  | {
      /** Once in each life of a run; only code is told of before. */
      type: 'start'
      /** Path of the run's directory. */
      run: string
      /** The recipe's name. */
      recipe: string
      /** Weights of the model, adapters and frozen ones included. */
      numParameters: number
      /** As the recipe names it. */
      device: string
      /** Threads of the processor that kernels run on. */
      numThreads: number
      /** The instruction set that kernels were chosen for. */
      target: string
    }
  /** An earlier life of the run is gone on with: after so many steps, from this checkpoint. Those passed over are damaged. */
  | {
      /** After the start of a run that was resumed. */
      type: 'resumed'
      /** Steps done in the checkpoint; 0: from the beginning. */
      step: number
      /** The checkpoint's folder; null: there was none. */
      checkpoint: string | null
      /** The run had come to its end: no step is left, and its model is written once more. */
      isOver: boolean
      /** Checkpoints passed over, each as its folder and what is wrong with it. */
      damaged: string[]
      /** For people, one text each: the recipe has changed since, or the checkpoint is of another version. */
      warnings: string[]
    }
  /** Rows of the data that were passed over, as the recipe's maxBadRows allows. */
  | {
      /** After the start, where there are any. */
      type: 'badRows'
      /** One text a row: its place and what is wrong with it. */
      problems: string[]
    }
  /** A step of the supervised phase. */
  | {
      /** Before the base's evaluation, where the recipe has such a phase. */
      type: 'distill'
      /** Counted from 1, within the phase. */
      step: number
      /** The most steps that the phase may take. */
      maxSteps: number
      /** Mean cross-entropy of the batch's solution tokens, in nats. */
      loss: number
      /** Since the phase began. */
      tokensPerSecond: number
      /** Since the phase began. */
      seconds: number
    }
  /** The supervised phase has ended, by its level or, where the level was not reached, by its steps. */
  | {
      /** After the last of these steps, where the recipe has a level, distill.until. */
      type: 'distillEnd'
      /** Steps done. */
      step: number
      /** The loss that was to be reached, in nats a token. */
      level: number
      /** Mean loss of the last steps, as many as the level is looked for in. */
      meanLoss: number
      /** Whether the mean loss was below the level after any step, the cool-down's too. */
      isLevelReached: boolean
    }
  /** A held-out evaluation. */
  | {
      /** For the base, and after every stage. */
      type: 'phase'
      /** What it says. */
      phase: PhaseReport
    }
  /** A stage begins, for the first time or again. */
  | {
      /** Before its first step; not in a run that was resumed within it. */
      type: 'stage'
      /** Index of the stage, from 0. */
      stage: number
      /** Its limit on an answer, in tokens. */
      maxResponseTokens: number
      /** Why the one before is over, for people. */
      why: string
    }
  /** Something began anew within a stage, or a step did not get its groups. */
  | {
      /** After the step that it is about. */
      type: 'note'
      /** Counted from 1. */
      step: number
      /** For people. */
      text: string
    }
  /** The guard has found something: it warns, or the run went back to a step. Where it stops the run, that is the error which ends it. */
  | {
      /** After the step that it is about. */
      type: 'guard'
      /** Counted from 1. */
      step: number
      /** What is done. */
      action: 'warn' | 'rollback'
      /** For people, with the numbers. */
      text: string
      /** Of a rollback: steps done in the checkpoint that the run went back to. */
      toStep?: number
    }
  /** Code that the recipe names, before it is run. */
  | ({
      /** First of all, in each life of the run: once for each part of its reward that is a module. */
      type: 'code'
    } & RewardCode)
  /** It was asked to stop, and will after the step under way. */
  | {
      /** Told by the command line alone. */
      type: 'stopping'
    }
  /** A stage's worst batch, or the evaluation's, was run before the first step. */
  | ({
      /** Once for each stage and once for the evaluation, unless the recipe's memory.rehearsal is false. */
      type: 'rehearsal'
    } & StageRehearsal)
  /** The run is over before its last stage, since no row is left. */
  | {
      /** After the last step. */
      type: 'runEnd'
      /** For people. */
      why: string
    }
  /** A step of reinforcement learning. */
  | ({
      /** After every step; one that a rollback undoes is told too. */
      type: 'step'
    } & StepMetrics)
  /** One held-out problem, before and after: where there is one, the base got it wrong and the trained model right. */
  | {
      /** Just before the summary. */
      type: 'example'
      /** Its text. */
      problem: string
      /** Its answer, or answers with " or " between them; empty where the row has none. */
      expected: string
      /** The base's. */
      before: ExampleAnswer
      /** The trained model's. */
      after: ExampleAnswer
    }
  /** The run is over, and the model is written. */
  | {
      /** The last of all. */
      type: 'summary'
      /** Path of the run's directory. */
      run: string
      /** Every held-out evaluation, in order. */
      phases: PhaseReport[]
      /** Of model.safetensors, or of adapter_model.safetensors where only adapters are written: 64 hexadecimal digits. */
      weightsSha256: string
      /** Of this life of the run. */
      seconds: number
    }
