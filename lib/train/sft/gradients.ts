// The gradient of a batch's loss, micro-batch by micro-batch: it does not depend on how the batch is cut, but for rounding.
import type { ChatExample } from '../../data/chat/example.js'
import { numLearnedTokensOf } from '../../data/chat/example.js'
import { LossError } from '../../grpo/objective.js'
import type { Decoder } from '../../models/decoder.js'
import type { DropoutCall } from '../../ops/dropout.js'
import { mul, sum } from '../../ops/index.js'
import { scope } from '../../scope.js'
import { turnOfEventLoop } from '../../turn.js'
import { learnedLogprobs } from './forward.js'
import { cutByTokens, packExamples } from './layout.js'

export interface BatchOptions {
  tokensPerMicroBatch: number
  useRecompute?: boolean | undefined
  /** Of the batch's i-th micro-batch, for adapters that drop elements. */
  dropout?: ((index: number) => DropoutCall) | undefined
  /** Looked at before every micro-batch. After an abort or an error, zero the gradients. */
  signal?: AbortSignal | undefined
}

export interface BatchResult {
  /** −Σ log p / N over the N learned tokens of the batch, in nats. */
  loss: number
  numMicroBatches: number
}

/** Adds the gradient of the mean loss over all learned tokens of the batch to the parameters', in float32. */
export async function accumulateSftGradients(
  model: Decoder,
  examples: readonly ChatExample[],
  { tokensPerMicroBatch, useRecompute = false, dropout, signal }: BatchOptions,
): Promise<BatchResult> {
  const numLearned = examples.reduce((total, example) => total + numLearnedTokensOf(example), 0)
  const parts = cutByTokens(examples, tokensPerMicroBatch)
  let loss = 0
  for (const [index, part] of parts.entries()) {
    await turnOfEventLoop()
    signal?.throwIfAborted()
    using partial = scope(() => {
      const logprobs = learnedLogprobs(model, packExamples(part), { useRecompute, dropout: dropout?.(index) })
      return mul(sum(logprobs), -1 / numLearned)
    })
    await turnOfEventLoop()
    partial.backward()
    loss += await partial.item()
  }
  if (!Number.isFinite(loss)) throw new LossError(`[sft] the loss is ${loss}: ${namesOf(examples)}`)
  return { loss, numMicroBatches: parts.length }
}

/** For whoever looks for what is wrong with the data. */
function namesOf(examples: readonly ChatExample[]): string {
  const names = examples.slice(0, 10).map(({ id }) => JSON.stringify(id.slice(0, 40)))
  return `a batch of ${names.join(', ')}${examples.length > names.length ? ' and more' : ''}`
}
