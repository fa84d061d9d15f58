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
  learningRate: number
  numExamples: number
  /** That went through the model. */
  numTokens: number
  numLearnedTokens: number
  tokensPerSecond: number
  seconds: number
}

/** The loss on held-out examples. */
export interface SftEvaluation {
  /** Steps done; 0: before the first. */
  step: number
  loss: number
  perplexity: number
  numLearnedTokens: number
  /** Whether it is the lowest so far; those before the first step count. */
  isBest: boolean
  seconds: number
}

export type SftTrainerEvent =
  /** A reopened run goes on from here; 0: from its beginning. `damaged` checkpoints were passed over, each with what is wrong. */
  | { type: 'resumed'; step: number; damaged: string[] }
  | ({ type: 'step' } & SftStep)
  | ({ type: 'evaluation' } & SftEvaluation)

export type SftEvent =
  | {
      type: 'start'
      run: string
      recipe: string
      device: string
      numThreads: number
      target: string
      /** Of the model, and those of them that learn. */
      numParameters: number
      numTrained: number
      numExamples: number
      numSteps: number
    }
  /** Rows that were passed over, as maxBadRows allows: each with its place and what is wrong with it. */
  | { type: 'badRows'; problems: string[] }
  /** Examples longer than maxTokens, of both sets. */
  | { type: 'tooLong'; numDropped: number; numCut: number }
  | SftTrainerEvent
  | {
      type: 'summary'
      run: string
      numSteps: number
      /** Of the held-out examples at the end, and at its lowest; null without any. */
      loss: number | null
      best: { step: number; loss: number } | null
      /** By evaluation.patience. */
      isStoppedEarly: boolean
      seconds: number
    }
