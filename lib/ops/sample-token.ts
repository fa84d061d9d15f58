import { checkOptions, type OptionKeys, requireObjects } from '../arguments.js'
import { callMany, type NativeTensor } from '../native.js'
import { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/** How a token is drawn from a distribution. */
export interface SamplingOptions {
  /** The logits are divided by it; at least 0. 0 takes the likeliest token, the lowest index among equals. Default 1. */
  temperature?: number
  /** Only the k likeliest tokens; 0, the default, is all. */
  topK?: number
  /** Only the smallest set of the likeliest of those that reaches probability p, in (0, 1]; 1, the default, is all. */
  topP?: number
  /** Key of the random numbers: a whole number. Default 0. */
  seed?: number
}

/** What was drawn in each row. */
export interface SampledTokens {
  /** i32 [B]. */
  tokens: Tensor
  /**
   * f32 [B], of the full distribution after temperature (at temperature 0, that of temperature 1), before top-k and top-p; bit
   * for bit what tokenLogprob gives.
   */
  logprobs: Tensor
}

/**
 * Draws a token for each row from softmax(hidden · weightᵀ / temperature), B × V never being kept. hidden f32 `[B, C]`, weight
 * f32 or bf16 `[V, C]`, sequenceIds and positions i32 [B].
 *
 * The uniform number of a draw is Philox4x32-10 (Salmon et al., 2011) of the seed, the sequence's id and the position: it does
 * not depend on the batch. No gradient.
 * @param at Of each row, the id of its sequence and its position there, which the draw follows from.
 * @throws {@link ArgumentError} for arguments of other shapes or an option out of range; logits that are NaN or infinite fail the op
 * when it runs
 */
export function sampleToken(
  hidden: Tensor,
  weight: Tensor,
  at: { sequenceIds: Tensor; positions: Tensor },
  options: SamplingOptions = {},
): SampledTokens {
  requireObjects('sample_token', { at })
  requireTensors('sample_token', { hidden, weight, sequenceIds: at.sequenceIds, positions: at.positions })
  checkOptions('sample_token', options, optionKeys)
  const { temperature = 1, topK = 0, topP = 1, seed = 0 } = options
  const place = [at.sequenceIds.native, at.positions.native] as const
  const results = callMany('sample_token', hidden.native, weight.native, ...place, { temperature, topK, topP, seed })
  const [tokens, logprobs] = results as [NativeTensor, NativeTensor]
  return { tokens: Tensor.wrap(tokens), logprobs: Tensor.wrap(logprobs) }
}

const optionKeys: OptionKeys<SamplingOptions> = { temperature: true, topK: true, topP: true, seed: true }
