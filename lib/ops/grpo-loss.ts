import { ArgumentError } from '../errors.js'
import { call, callMany, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import { Tensor } from '../tensor.js'

/** Packed answers: T tokens of B sequences. */
export interface GrpoInputs {
  /** [T]; the one input with a gradient. */
  policyLogprobs: Tensor
  /** [T] */
  rolloutLogprobs: Tensor
  /** [B] */
  advantages: Tensor
  /** i32 [B+1], rising from 0 to T. */
  offsets: Tensor
  /** u8 [T]: tokens that are 0 here are not looked at. */
  mask?: Tensor | undefined
  /** [T] */
  referenceLogprobs?: Tensor | undefined
}

export interface GrpoOptions {
  clipLow?: number
  /** Infinity: no upper clip. */
  clipHigh?: number
  /** Mean over all tokens, or over each sequence's tokens and then over sequences. */
  aggregation?: 'token' | 'sequence'
  /**
   * What sums are divided by: the unmasked tokens, or the sequences, of the whole batch, so that micro-batches add up. Unless
   * given, those of this call; it must be given for tokens with a mask.
   */
  denominator?: number
  /** Above 0 needs referenceLogprobs. */
  klWeight?: number
  klEstimator?: 'k1' | 'k2' | 'k3'
}

/** The places in `stats`. Counts and sums over unmasked tokens, so that those of micro-batches add; the last is a maximum. */
export const grpoStatNames = [
  'numTokens',
  'numSequences',
  'numClippedLow',
  'numClippedHigh',
  'ratioSum',
  'rolloutKlSum',
  'referenceKlSum',
  'maxLogprobDifference',
] as const

export interface GrpoResult {
  /** [] */
  loss: Tensor
  /** [8], see grpoStatNames. */
  stats: Tensor
}

/**
 * The clipped objective of GRPO: per token −min(r·A, clip(r, 1 − clipLow, 1 + clipHigh)·A) + klWeight·k(policy − reference),
 * with r = exp(policy − rollout); loss, gradient and statistics in one pass.
 */
export function grpoLoss(inputs: GrpoInputs, options: GrpoOptions = {}): GrpoResult {
  const { clipLow = 0.2, clipHigh = 0.2, aggregation = 'token', klWeight = 0, klEstimator = 'k3' } = options
  const denominator = options.denominator ?? defaultDenominator(inputs, aggregation)
  const { policyLogprobs, rolloutLogprobs, advantages, offsets, mask, referenceLogprobs } = inputs
  const [loss, dPolicy, stats] = callMany(
    'grpo_loss',
    ...[policyLogprobs, rolloutLogprobs, advantages, offsets].map((tensor) => tensor.native),
    mask?.native ?? null,
    referenceLogprobs?.native ?? null,
    { clipLow, clipHigh, aggregation, denominator, klWeight, klEstimator },
  ) as [NativeTensor, NativeTensor, NativeTensor]
  const recorded = record(loss, {
    name: 'grpo_loss',
    inputs: [policyLogprobs],
    saved: [dPolicy],
    backward: (dy, [dPolicy]) => [call('mul', dPolicy, dy)],
  })
  return { loss: recorded, stats: Tensor.wrap(stats) }
}

function defaultDenominator(
  { advantages, policyLogprobs, mask }: GrpoInputs,
  aggregation: 'token' | 'sequence',
): number {
  if (aggregation === 'sequence') return advantages.numElements
  if (!mask) return policyLogprobs.numElements
  throw new ArgumentError('[grpo_loss] expected a denominator, the number of unmasked tokens, for a mask')
}
