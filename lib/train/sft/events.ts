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

export type SftTrainerEvent = ({ type: 'step' } & SftStep) | ({ type: 'evaluation' } & SftEvaluation)
