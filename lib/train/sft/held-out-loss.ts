// The loss on examples that are not learned from.
import type { ChatExample } from '../../data/chat/example.js'
import type { Decoder } from '../../models/decoder.js'
import { scope } from '../../scope.js'
import { noGrad } from '../../tape.js'
import { turnOfEventLoop } from '../../turn.js'
import { learnedLogprobs } from './forward.js'
import { cutByTokens, packExamples } from './layout.js'

export interface HeldOutLoss {
  /** Mean negative log-likelihood of the learned tokens, in nats. */
  loss: number
  /** e to the loss. */
  perplexity: number
  numLearnedTokens: number
}

/** Summed in float64 over log-probabilities that do not depend on the packing: the same for any budget of tokens. */
export async function heldOutLoss(
  model: Decoder,
  examples: readonly ChatExample[],
  { tokensPerMicroBatch, signal }: { tokensPerMicroBatch: number; signal?: AbortSignal | undefined },
): Promise<HeldOutLoss> {
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
