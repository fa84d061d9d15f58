import { checkOptions, type OptionKeys } from '../arguments.js'
import { callMany, type NativeTensor } from '../native.js'
import { recordMany } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'
import { zerosLike } from './native-chain.js'

/** Of each row's distribution over the vocabulary. Both have gradients. */
export interface TokenLogprobs {
  /** f32 [T], in nats: the log-probability of each target. */
  logprobs: Tensor
  /** f32 [T], in nats: −Σ p ln p of each distribution. */
  entropy: Tensor
}

/**
 * With l = hidden · weightᵀ / temperature: l[target] − ln Σ eˡ, and the entropy, in chunks of the vocabulary: T × V is never in
 * memory. hidden f32 `[T, C]`, weight f32 or bf16 `[V, C]`, targets i32 [T]; temperature above 0, default 1. Backward keeps
 * hidden, weight, targets, the entropy and the log-sum-exp [T], and computes the logits again; a bf16 weight has no gradient.
 *
 * @throws {@link ArgumentError} for arguments of other shapes, or a temperature of 0 or less; a target outside [0, V) fails the op
 * when it runs
 *
 * @example
 * ```ts
 * import { ops, tensor, zeros } from 'lengthen'
 *
 * const hidden = zeros([3, 16])
 * const weight = zeros([100, 16], { requiresGrad: true })
 * const targets = tensor([7, 1, 99], { dtype: 'i32' })
 * const { logprobs } = ops.tokenLogprob(hidden, weight, targets)
 * ops.neg(ops.mean(logprobs)).backward()
 * ```
 */
export function tokenLogprob(
  hidden: Tensor,
  weight: Tensor,
  targets: Tensor,
  options: { temperature?: number } = {},
): TokenLogprobs {
  requireTensors('token_logprob', { hidden, weight, targets })
  checkOptions('token_logprob', options, optionKeys)
  const { temperature = 1 } = options
  const results = callMany('token_logprob', hidden.native, weight.native, targets.native, temperature)
  const [logprobs, entropy, lse] = results as [NativeTensor, NativeTensor, NativeTensor]
  const [logprobsOut, entropyOut] = recordMany([logprobs, entropy], {
    name: 'token_logprob',
    inputs: [hidden, weight],
    saved: [hidden, weight, targets, entropy, lse],
    backward: ([dLogprobs, dEntropy], [hidden, weight, targets, entropy, lse], [, needsWeight = false]) => {
      const given = dLogprobs ?? zerosLike(entropy)
      const saved = [hidden, weight, targets, entropy, lse] as const
      const gradients = callMany('token_logprob_backward', given, dEntropy ?? null, ...saved, temperature, needsWeight)
      if (!dLogprobs) given.dispose()
      return gradients
    },
  }) as [Tensor, Tensor]
  return { logprobs: logprobsOut, entropy: entropyOut }
}

const optionKeys: OptionKeys<{ temperature?: number }> = { temperature: true }
