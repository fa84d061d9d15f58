// The loss on examples that are not learned from.

import { checkOptions, type OptionKeys, requireArrays, requireInstances, requireNumbers } from '../../arguments.js'
import type { ChatExample } from '../../data/chat/example.js'
import { Decoder } from '../../models/decoder.js'
import { scope } from '../../scope.js'
import { noGrad } from '../../tape.js'
import { turnOfEventLoop } from '../../turn.js'
import { learnedLogprobs } from './forward.js'
import { cutByTokens, packExamples } from './layout.js'

/** What heldOutLoss() measures. */
export interface HeldOutLoss {
  /** Mean negative log-likelihood of the learned tokens, in nats. */
  loss: number
  /** e to the loss. */
  perplexity: number
  /** Tokens that the mean is over. */
  numLearnedTokens: number
}

/**
 * The loss of a model on examples, without a gradient: a micro-batch has as many whole examples as fit into `tokensPerMicroBatch` input tokens,
 * a longer one alone. Summed in float64 over log-probabilities that do not depend on the packing, so it is the same for any budget. Without a
 * learned token both numbers are NaN. `signal` is looked at before every micro-batch; its reason is thrown.
 * @throws {@link ArgumentError} for a model or examples that are none, and for an option that is unknown or missing.
 */
export async function heldOutLoss(
  model: Decoder,
  examples: readonly ChatExample[],
  options: { tokensPerMicroBatch: number; signal?: AbortSignal | undefined },
): Promise<HeldOutLoss> {
  requireInstances('held-out loss', Decoder, { model })
  requireArrays('held-out loss', { examples })
  checkOptions('held-out loss', options, optionKeys)
  const { tokensPerMicroBatch, signal } = options
  requireNumbers('held-out loss', { tokensPerMicroBatch })
  let total = 0
  let numLearnedTokens = 0
  for (const part of cutByTokens(examples, tokensPerMicroBatch)) {
    await turnOfEventLoop()
    signal?.throwIfAborted()
    using logprobs = noGrad(() => scope(() => learnedLogprobs(model, packExamples(part))))
    for (const logprob of await logprobs.toArray()) total -= logprob
    numLearnedTokens += logprobs.numElements
  }
  const loss = total / numLearnedTokens
  return { loss, perplexity: Math.exp(loss), numLearnedTokens }
}

const optionKeys: OptionKeys<{ tokensPerMicroBatch: number; signal?: AbortSignal | undefined }> = {
  tokensPerMicroBatch: true,
  signal: true,
}
