import { callMany, type NativeTensor } from '../native.js'
import { Tensor } from '../tensor.js'

export interface SamplingOptions {
  /** 0 takes the likeliest token. */
  temperature?: number
  /** Only the k likeliest tokens; 0 is all. */
  topK?: number
  /** Only the likeliest tokens that together reach p; 1 is all. */
  topP?: number
  seed?: number
}

export interface SampledTokens {
  /** i32 [B] */
  tokens: Tensor
  /** [B]: of the full distribution after temperature, before top-k and top-p. */
  logprobs: Tensor
}

/**
 * Draws a token for each row from softmax(hidden · weightᵀ / temperature). The draw depends on the seed, the sequence's id
 * and the position alone, not on the batch. hidden [B, C], weight [V, C], sequenceIds and positions i32 [B].
 */
export function sampleToken(
  hidden: Tensor,
  weight: Tensor,
  at: { sequenceIds: Tensor; positions: Tensor },
  { temperature = 1, topK = 0, topP = 1, seed = 0 }: SamplingOptions = {},
): SampledTokens {
  const place = [at.sequenceIds.native, at.positions.native] as const
  const options = { temperature, topK, topP, seed }
  const results = callMany('sample_token', hidden.native, weight.native, ...place, options)
  const [tokens, logprobs] = results as [NativeTensor, NativeTensor]
  return { tokens: Tensor.wrap(tokens), logprobs: Tensor.wrap(logprobs) }
}
