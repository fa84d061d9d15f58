// A micro-batch through the model: the log-probability and the entropy of every answer token.
import { tensor } from '../create.js'
import type { Decoder } from '../models/decoder.js'
import { pack } from '../models/pack.js'
import { gatherRows, type TokenLogprobs, tokenLogprob } from '../ops/index.js'
import { scope } from '../scope.js'
import { noGrad } from '../tape.js'
import { type MicroBatch, microBatches } from './batch.js'
import type { Completion } from './sample.js'

/** Both [R]: see MicroBatch. */
export function answerLogprobs(
  model: Decoder,
  batch: MicroBatch<Completion>,
  { temperature, useRecompute = false }: { temperature: number; useRecompute?: boolean },
): TokenLogprobs {
  const { device } = model.head
  const hidden = model.forward(pack(batch.sequences, { device }), { useRecompute })
  const rows = gatherRows(hidden, tensor(batch.rows, { device }))
  return tokenLogprob(rows, model.head, tensor(batch.targets, { device }), { temperature })
}

export interface ScoringOptions {
  temperature: number
  /** Of a micro-batch. */
  maxTokens: number
  /** Looked at before every micro-batch. */
  signal?: AbortSignal | undefined
}

/** Log-probabilities of every answer's tokens under a model, without gradients: a reference's, say. */
export async function scoreAnswers(
  model: Decoder,
  completions: readonly Completion[],
  { temperature, maxTokens, signal }: ScoringOptions,
): Promise<Float32Array[]> {
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
