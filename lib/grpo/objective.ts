// The gradient of the objective over a mini-batch, micro-batch by micro-batch: forward, log-probabilities of the answers,
// loss, backward. Gradients add up in the parameters; the optimizer's step is the caller's.

import { checkOptions, type OptionKeys, requireArrays, requireInstances } from '../arguments.js'
import { tensor } from '../create.js'
import { LengthenError } from '../errors.js'
import { Decoder } from '../models/decoder.js'
import { type GrpoInputs, type GrpoOptions, grpoLoss, mul, sub, sum } from '../ops/index.js'
import { scope } from '../scope.js'
import type { Tensor } from '../tensor.js'
import { turnOfEventLoop } from '../turn.js'
import { concatenate, type MicroBatch } from './batch.js'
import { answerLogprobs } from './forward.js'
import { requireOnPolicy } from './on-policy.js'
import { type Pass, type PassSizes, passesOf } from './passes.js'
import { isCounted, requireSample, type Sample } from './sample.js'
import { combineStats, type GrpoStats, type PassSums, sumsOf } from './stats.js'

/**
 * What is minimised: `ops.grpoLoss` of the answers' tokens, less entropyWeight times their mean entropy. docs/objectives.md
 * lists which options make which published objective.
 */
export interface Objective extends Omit<GrpoOptions, 'aggregation' | 'denominator'> {
  /** That of the rollout, above 0. */
  temperature: number
  /**
   * 'token', the default: every token weighs the same (DAPO, Yu et al., 2025). 'sequence': every answer does (GRPO, Shao et
   * al., 2024). 'constant': every token, over answers times maxResponseTokens (Dr. GRPO, Liu et al., 2025).
   */
  aggregation?: 'token' | 'sequence' | 'constant'
  /**
   * 'whole', the default: one denominator, however the samples are cut into micro-batches. 'mean' and 'sum': each micro-batch
   * is divided by its own, and these means are averaged or added.
   */
  microBatches?: 'whole' | 'mean' | 'sum'
  /** Of the mean entropy, in nats, of the answers' tokens, which is then raised. Default 0. */
  entropyWeight?: number
}

/** How the gradient of an objective is computed. */
export interface PassOptions extends PassSizes {
  /** Before the step's first update: throws OffPolicyError unless every log-probability has the rollout's bits. */
  mustBeOnPolicy: boolean
  /** Recomputes the layers in backward: less memory, more time, the same bits. Default false. */
  useRecompute?: boolean
  /** Looked at before every micro-batch; its reason is thrown. */
  signal?: AbortSignal | undefined
}

/** A loss that is NaN or infinite. */
export class LossError extends LengthenError {}

/**
 * Adds the gradient of the loss to the parameters', micro-batch by micro-batch; the optimizer's step is the caller's. Samples
 * that have none, those of advantage 0 where there is neither KL term nor entropy, are not run through the model and count in
 * the denominator only; masked ones not even there. After an error or an abort, zero the gradients.
 * @param objective The loss.
 * @param options How the samples are cut into micro-batches, and what their losses are divided by.
 * @throws {@link ArgumentError} for a sample without tokens, of other lengths, or with an advantage that is no number, and for an option of another name
 * @throws {@link LossError} where the loss is no number
 * @throws {@link OffPolicyError} where mustBeOnPolicy is not so
 *
 * @example
 * ```ts
 * import { accumulateGradients, AdamW, createModel, type Sample } from 'lengthen'
 *
 * const sizes = { vocabularySize: 10, width: 16, feedForwardWidth: 32, numLayers: 1, numHeads: 2 }
 * const model = createModel(sizes, { seed: 1 })
 * const optimizer = new AdamW(model.parameters(), { learningRate: 1e-3 })
 * const rolloutLogprobs = new Float32Array([-2.3, -2.3])
 * const samples: Sample[] = [{ promptTokens: [1], answerTokens: [2, 3], rolloutLogprobs, advantage: 1 }]
 * const sizesOfPass = { maxTokens: 1024, mustBeOnPolicy: false }
 * const stats = await accumulateGradients(model, samples, { temperature: 1 }, sizesOfPass)
 * console.log(stats.loss)
 * optimizer.step().dispose()
 * ```
 */
export async function accumulateGradients(
  model: Decoder,
  samples: readonly Sample[],
  objective: Objective,
  options: PassOptions,
): Promise<GrpoStats> {
  requireInstances('grpo', Decoder, { model })
  requireArrays('grpo', { samples })
  checkOptions('grpo', objective, objectiveKeys, 'objective')
  checkOptions('grpo', options, passKeys)
  const hasReference = (objective.klWeight ?? 0) > 0
  samples.forEach((sample, index) => {
    if (isCounted(sample)) requireSample(sample, index, { hasReference })
  })
  const sums: PassSums[] = []
  for (const one of passesOf(samples, objective, options)) {
    await turnOfEventLoop()
    options.signal?.throwIfAborted()
    sums.push(await pass(model, one, objective, options))
  }
  return combineStats(sums)
}

async function pass(model: Decoder, one: Pass, objective: Objective, options: PassOptions): Promise<PassSums> {
  const { batch } = one
  const results = scope(() => lossOf(model, one, objective, options))
  using loss = results.total
  using stats = results.stats
  using entropySum = results.entropySum
  using policyLogprobs = results.policyLogprobs
  await turnOfEventLoop()
  loss.backward()
  const [lossValue, statValues, entropyValue] = await Promise.all([loss.item(), stats.toArray(), entropySum.item()])
  const sums = sumsOf(statValues, {
    loss: lossValue,
    entropySum: entropyValue,
    numInputTokens: batch.sequences.reduce((total, { length }) => total + length, 0),
  })
  // First: where the loss is no number, neither are the log-probabilities, and that would read as another policy.
  requireNumber(lossValue, batch)
  if (options.mustBeOnPolicy && sums.maxLogprobDifference !== 0) requireOnPolicy(batch, await policyLogprobs.toArray())
  return sums
}

interface LossTerms {
  total: Tensor // []
  stats: Tensor
  entropySum: Tensor // []
  policyLogprobs: Tensor // [R]
}

function lossOf(model: Decoder, one: Pass, objective: Objective, { useRecompute = false }: PassOptions): LossTerms {
  const { temperature, entropyWeight = 0, aggregation, microBatches: _, ...options } = objective
  const policy = answerLogprobs(model, one.batch, { temperature, useRecompute })
  const { loss, stats } = grpoLoss(inputsOf(one.batch, policy.logprobs, objective), {
    ...options,
    aggregation: aggregation === 'sequence' ? 'sequence' : 'token',
    denominator: one.denominator,
  })
  const entropySum = sum(policy.entropy)
  const total = entropyWeight === 0 ? loss : sub(loss, mul(entropySum, entropyWeight / one.entropyDenominator))
  return { total, stats, entropySum: entropySum.detach(), policyLogprobs: policy.logprobs.detach() }
}

function inputsOf(batch: MicroBatch<Sample>, policyLogprobs: Tensor, { klWeight = 0 }: Objective): GrpoInputs {
  const { samples } = batch
  const { device } = policyLogprobs
  const floats = (values: Float32Array) => tensor(values, { device })
  return {
    policyLogprobs,
    rolloutLogprobs: floats(concatenate(samples.map(({ rolloutLogprobs }) => rolloutLogprobs))),
    advantages: floats(Float32Array.from(samples, ({ advantage }) => advantage)),
    offsets: tensor(batch.offsets, { device }),
    ...(klWeight > 0 && {
      referenceLogprobs: floats(concatenate(samples.map(({ referenceLogprobs }) => referenceLogprobs ?? []))),
    }),
  }
}

function requireNumber(loss: number, batch: MicroBatch<Sample>): void {
  if (Number.isFinite(loss)) return
  const last = batch.firstIndex + batch.samples.length - 1
  throw new LossError(`[grpo] the loss of samples ${batch.firstIndex} to ${last} is ${loss}`)
}

const objectiveKeys: OptionKeys<Objective> = {
  temperature: true,
  aggregation: true,
  microBatches: true,
  entropyWeight: true,
  ratio: true,
  surrogate: true,
  clipLow: true,
  clipHigh: true,
  dualClip: true,
  klWeight: true,
  klEstimator: true,
}

const passKeys: OptionKeys<PassOptions> = {
  maxTokens: true,
  maxResponseTokens: true,
  denominator: true,
  mustBeOnPolicy: true,
  useRecompute: true,
  signal: true,
}
