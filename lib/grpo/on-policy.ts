// Rollout and training run the same kernels on the same weights: before a step's first update, their log-probabilities
// are the same bits. Anything else is a bug, and training on would hide it.
import { LengthenError } from '../errors.js'
import type { MicroBatch } from './batch.js'
import type { Sample } from './sample.js'

/** The policy does not give a sampled token the log-probability, to the bit, that it was sampled with. */
export class OffPolicyError extends LengthenError {}

/** Throws for the first token whose two log-probabilities differ. */
export function requireOnPolicy(batch: MicroBatch<Sample>, policyLogprobs: ArrayLike<number>): void {
  const different: { sample: number; token: number; policy: number; rollout: number }[] = []
  batch.samples.forEach(({ rolloutLogprobs }, i) => {
    for (let token = 0; token < rolloutLogprobs.length; token++) {
      const policy = policyLogprobs[(batch.offsets[i] as number) + token] as number
      const rollout = Math.fround(rolloutLogprobs[token] as number)
      if (policy !== rollout) different.push({ sample: batch.firstIndex + i, token, policy, rollout })
    }
  })
  const first = different[0]
  if (!first) return
  throw new OffPolicyError(
    `[grpo] expected equal rolloutLogprobs and policyLogprobs before the first update, got ${first.rollout} and ` +
      `${first.policy} at answer token ${first.token} of sample ${first.sample}: ${different.length} of ` +
      `${batch.rows.length} tokens from sample ${batch.firstIndex} on differ`,
  )
}
