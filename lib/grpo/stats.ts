// What the objective's passes over micro-batches add up to.
import { grpoStatNames } from '../ops/grpo-loss.js'

type Sums = Record<(typeof grpoStatNames)[number], number>

export interface PassSums extends Sums {
  loss: number
  entropySum: number
  /** Tokens that went through the model, prompts included. */
  numInputTokens: number
}

/**
 * Of one accumulateGradients(): the loss, and what its tokens were like. Samples that are not run through the model are not in
 * it.
 */
export interface GrpoStats {
  /** The loss itself, entropy and KL terms included; that of all micro-batches together. */
  loss: number
  /** Answer tokens that went through the loss. */
  numTokens: number
  /** Answers that went through the loss. */
  numSequences: number
  /** Tokens that went through the model, prompts included. */
  numInputTokens: number
  /** Mean over answer tokens, in nats; 0 where there are none. So are the means below. */
  entropy: number
  /** Share of tokens whose gradient the lower clip removes. */
  clipFractionLow: number
  /** Share of tokens whose gradient the upper clip removes. */
  clipFractionHigh: number
  /** Share of tokens whose gradient the dual clip removes. */
  clipFractionDual: number
  /** Mean of the ratio of policy to rollout that the objective uses; 1 on policy. */
  ratio: number
  /** How far the policy has moved from the one that sampled, in nats a token: the k3 estimate of KL(rollout ‖ policy). */
  rolloutKl: number
  /** The estimate of KL(policy ‖ reference) that the objective uses, in nats a token; 0 without a reference. */
  referenceKl: number
  /** Largest |policy − rollout| of a token, in nats; 0 on policy. */
  maxLogprobDifference: number
}

export function sumsOf(
  stats: ArrayLike<number>,
  rest: { loss: number; entropySum: number; numInputTokens: number },
): PassSums {
  const sums = Object.fromEntries(grpoStatNames.map((field, i) => [field, stats[i] as number])) as Sums
  return { ...sums, ...rest }
}

export function combineStats(passes: readonly PassSums[]): GrpoStats {
  const total = (field: keyof PassSums) => passes.reduce((sum, pass) => sum + pass[field], 0)
  const numTokens = total('numTokens')
  const mean = (field: keyof PassSums) => (numTokens === 0 ? 0 : total(field) / numTokens)
  return {
    loss: total('loss'),
    numTokens,
    numSequences: total('numSequences'),
    numInputTokens: total('numInputTokens'),
    entropy: mean('entropySum'),
    clipFractionLow: mean('numClippedLow'),
    clipFractionHigh: mean('numClippedHigh'),
    clipFractionDual: mean('numClippedDual'),
    ratio: mean('ratioSum'),
    rolloutKl: mean('rolloutKlSum'),
    referenceKl: mean('referenceKlSum'),
    maxLogprobDifference: Math.max(0, ...passes.map((pass) => pass.maxLogprobDifference)),
  }
}
