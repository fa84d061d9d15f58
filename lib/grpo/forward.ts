// A micro-batch through the model: the log-probability and the entropy of every answer token.

import { checkOptions, type OptionKeys, requireInstances, requireObjects } from '../arguments.js'
import { tensor } from '../create.js'
import { Decoder } from '../models/decoder.js'
import { pack } from '../models/pack.js'
import { gatherRows, type TokenLogprobs, tokenLogprob } from '../ops/index.js'
import { scope } from '../scope.js'
import { noGrad } from '../tape.js'
import { type MicroBatch, microBatches } from './batch.js'
import type { Completion } from './sample.js'

/**
 * A micro-batch through the model: the natural log-probability of each answer token and the entropy of its distribution, both
 * f32 [R] (see {@link MicroBatch}), at this temperature, recorded for backward. The result belongs to the scope around the
 * call.
 *
 * @throws {@link ArgumentError} for a sequence longer than the model's positions, or a temperature of 0 or less
 */
export function answerLogprobs(
  model: Decoder,
  batch: MicroBatch<Completion>,
  options: { temperature: number; useRecompute?: boolean },
): TokenLogprobs {
  requireInstances('answer logprobs', Decoder, { model })
  requireObjects('answer logprobs', { batch })
  checkOptions('answer logprobs', options, forwardKeys)
  const { temperature, useRecompute = false } = options
  const { device } = model.head
  const hidden = model.forward(pack(batch.sequences, { device }), { useRecompute })
  const rows = gatherRows(hidden, tensor(batch.rows, { device }))
  return tokenLogprob(rows, model.head, tensor(batch.targets, { device }), { temperature })
}

/** How answers are scored. */
export interface ScoringOptions {
  /** That of the rollout, above 0: logits are divided by it. */
  temperature: number
  /** Of a micro-batch; a longer sequence gets one of its own. */
  maxTokens: number
  /** Looked at before every micro-batch; its reason is thrown. */
  signal?: AbortSignal | undefined
}

/**
 * Log-probabilities of every answer's tokens, in nats, under a model, without gradients: a reference's, say. One array for each
 * completion, as long as its answer.
 *
 * @throws {@link ArgumentError} for a completion without prompt or answer tokens, or one longer than the model's positions
 */
export async function scoreAnswers(
  model: Decoder,
  completions: readonly Completion[],
  options: ScoringOptions,
): Promise<Float32Array[]> {
  requireInstances('score answers', Decoder, { model })
  checkOptions('score answers', options, scoringKeys)
  const { temperature, maxTokens, signal } = options
  const scores: Float32Array[] = []
  for (const batch of microBatches(completions, { maxTokens })) {
    signal?.throwIfAborted()
    using logprobs = noGrad(() => scope(() => answerLogprobs(model, batch, { temperature }).logprobs))
    const values = (await logprobs.toArray()) as Float32Array
    batch.samples.forEach((_, i) => {
      scores.push(values.slice(batch.offsets[i], batch.offsets[i + 1]))
    })
  }
  return scores
}

const forwardKeys: OptionKeys<{ temperature: number; useRecompute?: boolean }> = {
  temperature: true,
  useRecompute: true,
}

const scoringKeys: OptionKeys<ScoringOptions> = { temperature: true, maxTokens: true, signal: true }
