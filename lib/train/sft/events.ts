// What supervised training tells while it goes: the same objects in metrics.jsonl, for --json and for the terminal.

/** One update. Times are in seconds. */
export interface SftStep {
  /** Counted from 1 over the whole run. */
  step: number
  /** Counted from 1. */
  epoch: number
  /** Mean negative log-likelihood of the batch's learned tokens before the update, in nats. */
  loss: number
  /** Norm of the gradient, before clipping. */
  gradientNorm: number
  /** That the update was made with. */
  learningRate: number
  /** Of the batch. */
  numExamples: number
  /** That went through the model: of each example all but the last. */
  numTokens: number
  /** Tokens of answers, which the loss is the mean over. */
  numLearnedTokens: number
  /** numTokens over seconds. */
  tokensPerSecond: number
  /** Of the whole update, forward, backward and the optimizer's step. */
  seconds: number
}

/** The loss on held-out examples. */
export interface SftEvaluation {
  /** Steps done; 0: before the first. */
  step: number
  /** Mean negative log-likelihood of the held-out answers' tokens, in nats. */
  loss: number
  /** e to the loss. */
  perplexity: number
  /** Tokens that the mean is over. */
  numLearnedTokens: number
  /** Whether it is the lowest so far; the one before the first step counts. */
  isBest: boolean
  /** Of the measurement, and of writing the folder best/ where it is one. */
  seconds: number
}

/** What a trainer tells, told apart by `type`. */
export type SftTrainerEvent =
  | {
      /** A reopened run goes on from a checkpoint, or from its beginning. */
      type: 'resumed'
      /** Steps done there; 0: from its beginning. */
      step: number
      /** Later checkpoints that were passed over, each as its folder and what is wrong with it. */
      damaged: string[]
      /** For people, one text each: the recipe has changed since, or the checkpoint is of another version. */
      warnings: string[]
    }
  | ({
      /** One update was made. */
      type: 'step'
    } & SftStep)
  | ({
      /** The held-out loss was measured. */
      type: 'evaluation'
    } & SftEvaluation)

/** What a run of a recipe tells, told apart by `type`. */
export type SftEvent =
  | {
      /** Everything is read and built; the first step is next. Told again where the run is resumed. */
      type: 'start'
      /** The run's directory. */
      run: string
      /** The recipe's name. */
      recipe: string
      /** Where the model lives: cpu, cuda or `cuda:N`. */
      device: string
      /** Threads of the CPU kernels. */
      numThreads: number
      /** The instruction set that the CPU kernels were chosen for. */
      target: string
      /** Of the model, adapters included. */
      numParameters: number
      /** Those of them that learn. */
      numTrained: number
      /** That are learned from: held-out ones are not among them. */
      numExamples: number
      /** Of the whole run, unless patience ends it before. */
      numSteps: number
    }
  | {
      /** Rows were passed over, as maxBadRows allows. */
      type: 'badRows'
      /** Of each, its place and what is wrong with it. */
      problems: string[]
    }
  | {
      /** Examples were longer than data.maxTokens. */
      type: 'tooLong'
      /** Left out, of both sets. */
      numDropped: number
      /** Cut, of both sets. */
      numCut: number
    }
  | SftTrainerEvent
  | {
      /** The run is over; the last event. */
      type: 'summary'
      /** The run's directory, which now has the folder model/, and best/ where a step had the lowest held-out loss. */
      run: string
      /** Steps done, those of earlier lives included. */
      numSteps: number
      /** The last held-out loss, in nats a token; null without held-out examples. */
      loss: number | null
      /** The lowest held-out loss; null without held-out examples. */
      best: {
        /** Steps done when it was measured; 0: before the first. */
        step: number
        /** In nats a token. */
        loss: number
      } | null
      /** Whether evaluation.patience ended it before its last step. */
      isStoppedEarly: boolean
      /** Of this life of the run, reading and building included. */
      seconds: number
    }
