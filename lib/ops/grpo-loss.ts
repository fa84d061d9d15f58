import { tensor } from '../create.js'
import { ArgumentError } from '../errors.js'
import { call, callMany, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import { Tensor } from '../tensor.js'
import { consume } from './native-chain.js'

/** Packed answers: T tokens of B sequences. */
export interface GrpoInputs {
  /** [T]; the one input with a gradient. */
  policyLogprobs: Tensor
  /** [T] */
  rolloutLogprobs: Tensor
  /** [B]; of each token, [T], where there are no offsets. */
  advantages: Tensor
  /** i32 [B+1], rising from 0 to T. Without them every token counts as a sequence of its own. */
  offsets?: Tensor | undefined
  /** u8 [T]: tokens that are 0 here are not looked at. */
  mask?: Tensor | undefined
  /** [T] */
  referenceLogprobs?: Tensor | undefined
}

export interface GrpoOptions {
  /**
   * Of policy to rollout: each token's own; 'sequence': exp of the mean of log r over the answer's tokens (GSPO); 'product': of
   * the whole answers' likelihoods. A sequence's ratio has its exact gradient.
   */
  ratio?: 'token' | 'sequence' | 'product'
  /** 'clipped': −min(ratio·A, clip(ratio)·A). 'cispo': −clip(ratio)·A·policyLogprob, where the ratio has no gradient. */
  surrogate?: 'clipped' | 'cispo'
  clipLow?: number
  /** Infinity: no upper clip. */
  clipHigh?: number
  /** Above 1: no loss of a negative advantage is more than −dualClip·A. Not for 'cispo'. Default Infinity: none. */
  dualClip?: number
  /** Mean over all tokens, or over each sequence's tokens and then over sequences. */
  aggregation?: 'token' | 'sequence'
  /**
   * What sums are divided by: the unmasked tokens, or the sequences, of the whole batch, so that micro-batches add up; or a
   * constant. Unless given, those of this call.
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
  'numClippedDual',
  'ratioSum',
  'rolloutKlSum',
  'referenceKlSum',
  'maxLogprobDifference',
] as const

export interface GrpoResult {
  /** [] */
  loss: Tensor
  /** [9], see grpoStatNames. */
  stats: Tensor
}

/**
 * The policy-gradient objectives: per token −min(r·A, clip(r, 1 − clipLow, 1 + clipHigh)·A) + klWeight·k(policy − reference),
 * with r = exp(policy − rollout), and what the options make of it; loss, gradient and statistics in one pass.
 */
export function grpoLoss(inputs: GrpoInputs, options: GrpoOptions = {}): GrpoResult {
  const { policyLogprobs } = inputs
  const [loss, dPolicy, stats] = mean(inputs, options)
  const recorded = record(loss, {
    name: 'grpo_loss',
    inputs: [policyLogprobs],
    saved: [dPolicy],
    backward: (dy, [dPolicy]) => [call('mul', dPolicy, dy)],
  })
  return { loss: recorded, stats: Tensor.wrap(stats) }
}

type Results = [loss: NativeTensor, dPolicy: NativeTensor, stats: NativeTensor]

function mean(inputs: GrpoInputs, options: GrpoOptions): Results {
  const { aggregation = 'token', denominator } = options
  if (denominator !== undefined) return sums(inputs, { ...options, denominator })
  if (aggregation === 'sequence') return sums(inputs, { ...options, denominator: inputs.advantages.numElements })
  if (!inputs.mask) return sums(inputs, { ...options, denominator: inputs.policyLogprobs.numElements })
  // Only the device knows how many tokens the mask leaves: the first of the statistics. None at all make a loss of 0.
  const [loss, dPolicy, stats] = sums(inputs, { ...options, denominator: 1 })
  const one = stats.slice(0, 1)
  const numTokens = consume('clamp', one.view([]), 1, Number.POSITIVE_INFINITY)
  one.dispose()
  const results: Results = [consume('div', loss, numTokens), consume('div', dPolicy, numTokens), stats]
  numTokens.dispose()
  return results
}

function sums(inputs: GrpoInputs, options: GrpoOptions & { denominator: number }): Results {
  const { aggregation = 'token' } = options
  const { policyLogprobs, rolloutLogprobs, advantages, mask, referenceLogprobs } = inputs
  using made = inputs.offsets ? undefined : offsetsOfTokens(inputs, aggregation)
  const offsets = inputs.offsets ?? (made as Tensor)
  return callMany(
    'grpo_loss',
    ...[policyLogprobs, rolloutLogprobs, advantages, offsets].map((tensor) => tensor.native),
    mask?.native ?? null,
    referenceLogprobs?.native ?? null,
    { ...defaults, ...given(options) },
  ) as Results
}

const defaults: Required<Omit<GrpoOptions, 'denominator'>> = {
  ...{ ratio: 'token', surrogate: 'clipped', clipLow: 0.2, clipHigh: 0.2, dualClip: Number.POSITIVE_INFINITY },
  ...{ aggregation: 'token', klWeight: 0, klEstimator: 'k3' },
}

/** Without what is undefined: it has its default. */
const given = (options: GrpoOptions): GrpoOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

/** [T+1]: every token alone. */
function offsetsOfTokens({ policyLogprobs, advantages }: GrpoInputs, aggregation: 'token' | 'sequence'): Tensor {
  const { numElements, device } = policyLogprobs
  if (aggregation === 'sequence') throw new ArgumentError("[grpo_loss] expected offsets for 'sequence', got none")
  if (advantages.numElements !== numElements)
    throw new ArgumentError(
      `[grpo_loss] expected an advantage for each of the ${numElements} tokens, or offsets, got ` +
        `${advantages.numElements} advantages without`,
    )
  return tensor(
    Int32Array.from({ length: numElements + 1 }, (_, token) => token),
    { device },
  )
}
