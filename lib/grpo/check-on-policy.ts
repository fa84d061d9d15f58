// The on-policy check alone, for a step that has nothing to learn from and so makes no training forward.
import type { Decoder } from '../models/decoder.js'
import { scope } from '../scope.js'
import { noGrad } from '../tape.js'
import { microBatches } from './batch.js'
import { answerLogprobs, type ScoringOptions } from './forward.js'
import { requireOnPolicy } from './on-policy.js'
import type { Sample } from './sample.js'

/** Throws OffPolicyError unless every rolloutLogprob has the bits that the model gives now. */
export async function checkOnPolicy(
  model: Decoder,
  samples: readonly Sample[],
  { temperature, maxTokens, signal }: ScoringOptions,
): Promise<void> {
  for (const batch of microBatches(samples, { maxTokens })) {
    signal?.throwIfAborted()
    using logprobs = noGrad(() => scope(() => answerLogprobs(model, batch, { temperature }).logprobs))
    requireOnPolicy(batch, await logprobs.toArray())
  }
}
