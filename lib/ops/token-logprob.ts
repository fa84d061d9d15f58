import { callMany, type NativeTensor } from '../native.js'
import { recordMany } from '../record.js'
import type { Tensor } from '../tensor.js'
import { zerosLike } from './native-chain.js'

export interface TokenLogprobs {
  /** [T]: log-probability of each target. */
  logprobs: Tensor
  /** [T]: entropy of each distribution, in nats. */
  entropy: Tensor
}

/**
 * log softmax(hidden · weightᵀ / temperature) at the targets, in chunks of the vocabulary: T × V is never in memory.
 * hidden [T, C], weight [V, C], targets i32 [T]. Both results have gradients. A target outside the vocabulary fails the op.
 */
export function tokenLogprob(
  hidden: Tensor,
  weight: Tensor,
  targets: Tensor,
  { temperature = 1 }: { temperature?: number } = {},
): TokenLogprobs {
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
