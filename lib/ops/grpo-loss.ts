import { checkOptions, type OptionKeys } from '../arguments.js'
import { tensor } from '../create.js'
import { ArgumentError } from '../errors.js'
import { call, callMany, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'
import { consume } from './native-chain.js'

/** Packed answers: T tokens of B sequences. Log-probabilities are natural, each of the token that was drawn. */
export interface GrpoInputs {
  /** f32 [T], under the policy that is trained; the one input with a gradient. */
  policyLogprobs: Tensor
  /** f32 [T], under the policy that sampled the tokens. */
  rolloutLogprobs: Tensor
  /** f32 [B], of each sequence; [T], of each token, where there are no offsets. */
  advantages: Tensor
  /** i32 [B+1], where each sequence begins, rising from 0 to T. Without them every token counts as a sequence of its own. */
  offsets?: Tensor | undefined
  /** u8 [T]: tokens that are 0 here are not looked at; a sequence of such tokens alone adds nothing. */
  mask?: Tensor | undefined
  /** f32 [T], under the reference that the KL term holds the policy near; needed where `klWeight` is above 0. */
  referenceLogprobs?: Tensor | undefined
}

/** What the objective makes of ratios r = exp(policy − rollout) and advantages A. */
export interface GrpoOptions {
  /**
   * Which ratio s takes the part of r. 'token', the default: each token's own. 'sequence': exp of the mean of log r over the
   * answer's tokens (GSPO, Zheng et al., 2025). 'product': exp of their sum, the ratio of the whole answers' likelihoods. A
   * sequence's ratio has its exact gradient with respect to each of its tokens.
   */
  ratio?: 'token' | 'sequence' | 'product'
  /**
   * 'clipped', the default: −min(s·A, clip(s)·A), clip being to [1 − clipLow, 1 + clipHigh]. 'cispo': −clip(s)·A·policyLogprob,
   * where the clipped ratio has no gradient (CISPO, MiniMax-M1, 2025).
   */
  surrogate?: 'clipped' | 'cispo'
  /** How far a ratio may fall below 1; at least 0. Default 0.2. Above 1 there is no lower clip. */
  clipLow?: number
  /**
   * How far a ratio may rise above 1; at least 0. Default 0.2; higher than clipLow as in DAPO (Yu et al., 2025). Infinity: no
   * upper clip.
   */
  clipHigh?: number
  /**
   * Above 1: no loss of a negative advantage is more than −dualClip·A (Ye et al., 2020). Not for 'cispo'. Default Infinity:
   * none.
   */
  dualClip?: number
  /**
   * 'token', the default: the sum over all unmasked tokens. 'sequence': the sum over sequences of the mean over each one's
   * tokens, which needs offsets.
   */
  aggregation?: 'token' | 'sequence'
  /**
   * What that sum is divided by, above 0: the unmasked tokens, or the sequences, of the whole batch, so that losses and
   * gradients of micro-batches add up to those of the batch; or a constant. Unless given, those of this call: unmasked tokens
   * for 'token', all B sequences for 'sequence', masked ones included.
   */
  denominator?: number
  /** Of the KL estimate that is added to each token's loss, at least 0. Default 0: none. Above 0 it needs referenceLogprobs. */
  klWeight?: number
  /**
   * Of KL(policy ‖ reference), with x = policy − reference (Schulman, "Approximating KL Divergence", 2020): 'k1' x, 'k2' x²/2,
   * 'k3' e^−x + x − 1, the default.
   */
  klEstimator?: 'k1' | 'k2' | 'k3'
}

/**
 * The places in `stats`. Counts and sums over unmasked tokens, so that those of micro-batches add; the last is a maximum.
 *
 * - numTokens: unmasked tokens; numSequences: sequences with at least one of them
 * - numClippedLow, numClippedHigh, numClippedDual: tokens whose gradient a clip removes; for 'cispo', whose ratio the lower
 *   clip raises and the upper one lowers
 * - ratioSum: Σ s
 * - rolloutKlSum: Σ r − 1 − log r, the k3 estimate of KL(rollout ‖ policy) in nats
 * - referenceKlSum: Σ k(policy − reference) by `klEstimator`, in nats; 0 without a reference
 * - maxLogprobDifference: max |policy − rollout|; 0 without tokens
 */
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

/** A loss to call backward() on, and what it is made of. */
export interface GrpoResult {
  /** f32 `[]`, to be minimised. */
  loss: Tensor
  /** f32 [9], without a gradient: see {@link grpoStatNames}. */
  stats: Tensor
}

/**
 * The policy-gradient objectives over packed answers: per token −min(s·A, clip(s, 1 − clipLow, 1 + clipHigh)·A) +
 * klWeight·k(policy − reference), with s = r = exp(policy − rollout) unless `ratio` says otherwise, summed as `aggregation`
 * says and divided by the denominator (PPO's surrogate, Schulman et al., 2017; GRPO, Shao et al., 2024; docs/objectives.md
 * lists which options make which published objective). Loss, gradient and statistics come from one pass; backward keeps the
 * gradient [T] alone.
 *
 * @throws {@link ArgumentError} for tensors of other shapes or dtypes, an option out of range, aggregation 'sequence' without
 * offsets, or klWeight above 0 without referenceLogprobs; offsets that do not rise from 0 to T fail the op when it runs
 *
 * @example
 * ```ts
 * import { ops, tensor } from 'lengthen'
 *
 * // Answers of 2 and 1 tokens.
 * const policyLogprobs = tensor([-1, -2, -0.5], { requiresGrad: true })
 * const rolloutLogprobs = tensor([-1.1, -1.9, -0.5])
 * const advantages = tensor([1, -1])
 * const offsets = tensor([0, 2, 3], { dtype: 'i32' })
 * const { loss } = ops.grpoLoss({ policyLogprobs, rolloutLogprobs, advantages, offsets }, { clipHigh: 0.28 })
 * loss.backward()
 * ```
 */
export function grpoLoss(inputs: GrpoInputs, options: GrpoOptions = {}): GrpoResult {
  checkOptions('grpo_loss', inputs, inputKeys, 'inputs')
  checkOptions('grpo_loss', options, optionKeys)
  const { policyLogprobs, rolloutLogprobs, advantages, offsets, mask, referenceLogprobs } = inputs
  requireTensors('grpo_loss', { policyLogprobs, rolloutLogprobs, advantages }, { offsets, mask, referenceLogprobs })
  const [loss, dPolicy, stats] = mean(inputs, options)
  const recorded = record(loss, {
    name: 'grpo_loss',
    inputs: [policyLogprobs],
    saved: [dPolicy],
    backward: (dy, [dPolicy]) => [call('mul', dPolicy, dy)],
  })
  return { loss: recorded, stats: Tensor.wrap(stats) }
}

const inputKeys: OptionKeys<GrpoInputs> = {
  policyLogprobs: true,
  rolloutLogprobs: true,
  advantages: true,
  offsets: true,
  mask: true,
  referenceLogprobs: true,
}

const optionKeys: OptionKeys<GrpoOptions> = {
  ratio: true,
  surrogate: true,
  clipLow: true,
  clipHigh: true,
  dualClip: true,
  aggregation: true,
  denominator: true,
  klWeight: true,
  klEstimator: true,
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

/** `[T+1]`: every token alone. */
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
