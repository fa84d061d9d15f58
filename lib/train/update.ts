// The second half of a step: advantages, mini-batches, gradients, and the optimizer's updates.
import type { ScoredAnswer } from '../eval/answer-rows.js'
import { groupAdvantages } from '../grpo/advantage.js'
import { splitEvenly } from '../grpo/batch.js'
import { checkOnPolicy } from '../grpo/check-on-policy.js'
import { accumulateGradients, denominatorOf, LossError, type Objective } from '../grpo/objective.js'
import type { Sample } from '../grpo/sample.js'
import type { GrpoStats } from '../grpo/stats.js'
import type { Decoder } from '../models/decoder.js'
import type { AdamW } from '../optim/adamw.js'
import { keepScored } from '../reward/score.js'

export interface UpdateOptions {
  objective: Objective
  normalize: 'std' | 'none'
  /** Updates of the step; groups stay whole. */
  miniBatches: number
  tokensPerMicroBatch: number
  maxGradNorm: number
  signal?: AbortSignal | undefined
}

export interface UpdateResult {
  /** Of each update; fewer than the mini-batches where some have nothing to learn from. */
  stats: GrpoStats[]
  gradientNorm: number
}

/** Trains the model in place on the step's groups. Answers without a score leave their groups. */
export async function update(
  { model, optimizer }: { model: Decoder; optimizer: AdamW },
  groups: readonly (readonly ScoredAnswer[])[],
  options: UpdateOptions,
): Promise<UpdateResult> {
  const { objective, signal } = options
  const samples = await samplesOf(groups, options)
  const result: UpdateResult = { stats: [], gradientNorm: 0 }
  for (const miniBatch of splitEvenly(samples, options.miniBatches)) {
    const all = miniBatch.flat()
    // Answers of advantage 0 have no gradient; they count in the denominator only.
    const learned = all.filter(({ advantage }) => advantage !== 0)
    if (learned.length === 0) continue
    signal?.throwIfAborted()
    optimizer.zeroGrad()
    try {
      const stats = await accumulateGradients(model, learned, objective, {
        maxTokens: options.tokensPerMicroBatch,
        mustBeOnPolicy: result.stats.length === 0,
        denominator: denominatorOf(all, objective.aggregation),
      })
      result.gradientNorm = await applyGradients(optimizer, options.maxGradNorm)
      result.stats.push(stats)
    } finally {
      optimizer.zeroGrad()
    }
  }
  // A step of equal rewards learns nothing, but a mismatch must not hide behind it: one group is compared all the same.
  if (result.stats.length === 0 && samples[0]) {
    const maxTokens = options.tokensPerMicroBatch
    await checkOnPolicy(model, samples[0], { temperature: objective.temperature, maxTokens })
  }
  return result
}

async function applyGradients(optimizer: AdamW, maxGradNorm: number): Promise<number> {
  using norm = optimizer.step({ maxGradNorm })
  const value = await norm.item()
  if (!Number.isFinite(value)) throw new LossError(`[train] the gradient's norm is ${value}; no weight was changed`)
  return value
}

async function samplesOf(
  groups: readonly (readonly ScoredAnswer[])[],
  { normalize }: UpdateOptions,
): Promise<Sample[][]> {
  const scored = keepScored(groups, ({ score }) => score)
  const rewards = scored.map((group) => group.map(({ score }) => score as number))
  const advantages = await groupAdvantages(rewards, { normalize })
  return scored.map((group, i) =>
    group.map(({ promptTokens, tokens, rolloutLogprobs }, j) => ({
      promptTokens,
      answerTokens: tokens,
      rolloutLogprobs,
      advantage: advantages[i]?.[j] as number,
    })),
  )
}
