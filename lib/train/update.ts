// The second half of a step: advantages, mini-batches, gradients, and the optimizer's updates.
import { ArgumentError } from '../errors.js'
import type { ScoredAnswer } from '../eval/answer-rows.js'
import { type AdvantageOptions, groupAdvantages } from '../grpo/advantage.js'
import { splitEvenly } from '../grpo/batch.js'
import { checkOnPolicy } from '../grpo/check-on-policy.js'
import type { ScoringOptions } from '../grpo/forward.js'
import { accumulateGradients, LossError, type Objective } from '../grpo/objective.js'
import { hasGradient } from '../grpo/passes.js'
import type { Reference } from '../grpo/reference.js'
import { isCounted, type Sample } from '../grpo/sample.js'
import type { GrpoStats } from '../grpo/stats.js'
import type { Decoder } from '../models/decoder.js'
import type { AdamW } from '../optim/adamw.js'
import { keepScored } from '../reward/score.js'

export interface UpdateOptions extends Pick<AdvantageOptions, 'baseline' | 'normalize'> {
  objective: Objective
  /** The limit of an answer, in tokens; needed for the aggregation 'constant'. */
  maxResponseTokens?: number | undefined
  /** Updates of a pass; groups stay whole. */
  miniBatches: number
  /** Over the step's answers; default 1. The old log-probabilities stay the rollout's. */
  passes?: number
  tokensPerMicroBatch: number
  maxGradNorm: number
  /** Recomputes the layers in backward: less memory, more time. */
  useRecompute?: boolean
  signal?: AbortSignal | undefined
}

export interface UpdateResult {
  /** Of each update; fewer than the mini-batches where some have nothing to learn from. */
  stats: GrpoStats[]
  /** Of each update, before clipping. */
  gradientNorms: number[]
}

export interface UpdateParts {
  model: Decoder
  optimizer: AdamW
  /** Needed where the objective has a KL term. */
  reference?: Reference | undefined
}

/**
 * Trains the model in place on the step's groups. Answers without a score leave their groups. Masked ones count in the
 * statistics of the advantages, and nowhere else.
 */
export async function update(
  { model, optimizer, reference }: UpdateParts,
  groups: readonly (readonly ScoredAnswer[])[],
  options: UpdateOptions,
): Promise<UpdateResult> {
  const { objective, passes = 1, signal } = options
  const advantaged = await samplesOf(groups, { ...options, device: model.head.device })
  const samples = await withReference(advantaged, reference, options)
  const miniBatches = splitEvenly(samples, options.miniBatches)
  const result: UpdateResult = { stats: [], gradientNorms: [] }
  for (const miniBatch of Array.from({ length: passes }, () => miniBatches).flat()) {
    const all = miniBatch.flat()
    if (!all.some((sample) => hasGradient(sample, objective))) continue
    signal?.throwIfAborted()
    optimizer.zeroGrad()
    try {
      const stats = await accumulateGradients(model, all, objective, {
        maxTokens: options.tokensPerMicroBatch,
        useRecompute: options.useRecompute ?? false,
        mustBeOnPolicy: result.stats.length === 0,
        maxResponseTokens: options.maxResponseTokens,
        signal,
      })
      result.gradientNorms.push(await applyGradients(optimizer, options.maxGradNorm))
      result.stats.push(stats)
    } finally {
      optimizer.zeroGrad()
    }
  }
  // A step of equal rewards learns nothing, but a mismatch must not hide behind it: one group is compared all the same.
  if (result.stats.length === 0 && samples[0]) {
    await checkOnPolicy(model, samples[0], scoringOf(options))
  }
  return result
}

async function withReference(
  groups: Sample[][],
  reference: Reference | undefined,
  options: UpdateOptions,
): Promise<Sample[][]> {
  if (!((options.objective.klWeight ?? 0) > 0)) return groups
  if (!reference) throw new ArgumentError('[train] expected a reference model for klWeight above 0, got none')
  const counted = groups.flat().filter(isCounted)
  const scores = await reference.score(counted, scoringOf(options))
  const scoreOf = new Map(counted.map((sample, i) => [sample, scores[i]]))
  return groups.map((group) => group.map((sample) => ({ ...sample, referenceLogprobs: scoreOf.get(sample) })))
}

const scoringOf = ({ objective, tokensPerMicroBatch, signal }: UpdateOptions): ScoringOptions => ({
  temperature: objective.temperature,
  maxTokens: tokensPerMicroBatch,
  signal,
})

async function applyGradients(optimizer: AdamW, maxGradNorm: number): Promise<number> {
  using norm = optimizer.step({ maxGradNorm })
  const value = await norm.item()
  if (!Number.isFinite(value)) throw new LossError(`[train] the gradient's norm is ${value}; no weight was changed`)
  return value
}

async function samplesOf(
  groups: readonly (readonly ScoredAnswer[])[],
  { baseline, normalize, device }: Pick<AdvantageOptions, 'baseline' | 'normalize'> & { device: string },
): Promise<Sample[][]> {
  const scored = keepScored(groups, ({ score }) => score)
  const rewards = scored.map((group) => group.map(({ score }) => score as number))
  const lengths = scored.map((group) => group.map(({ tokens }) => tokens.length))
  const advantages = await groupAdvantages(rewards, {
    ...(baseline && { baseline }),
    ...(normalize && { normalize }),
    lengths,
    device,
  })
  return scored.map((group, i) =>
    group.map(({ promptTokens, tokens, rolloutLogprobs, isMasked }, j) => ({
      promptTokens,
      answerTokens: tokens,
      rolloutLogprobs,
      advantage: advantages[i]?.[j] as number,
      isMasked,
    })),
  )
}
