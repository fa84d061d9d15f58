// The gradient of the GRPO objective over a mini-batch, micro-batch by micro-batch: forward, log-probabilities of the
// answers, clipped loss, backward. Gradients add up in the parameters; the optimizer's step is the caller's.
import { tensor } from '../create.js'
import { LengthenError } from '../errors.js'
import type { Decoder } from '../models/decoder.js'
import { grpoLoss, mul, sub, sum } from '../ops/index.js'
import { scope } from '../scope.js'
import type { Tensor } from '../tensor.js'
import { turnOfEventLoop } from '../turn.js'
import { concatenate, type MicroBatch, microBatches } from './batch.js'
import { answerLogprobs } from './forward.js'
import { requireOnPolicy } from './on-policy.js'
import { numAnswerTokens, requireSample, type Sample } from './sample.js'
import { combineStats, type GrpoStats, type PassSums, sumsOf } from './stats.js'

export interface Objective {
  /** That of the rollout. */
  temperature: number
  clipLow?: number
  clipHigh?: number
  /** 'token': every token weighs the same. 'sequence': every answer does. */
  aggregation?: 'token' | 'sequence'
  /** Above 0 every sample needs referenceLogprobs. */
  klWeight?: number
  klEstimator?: 'k1' | 'k2' | 'k3'
  /** Of the mean entropy of the answers' tokens, which is then raised. */
  entropyWeight?: number
}

export interface PassOptions {
  /** Tokens of a micro-batch. */
  maxTokens: number
  /** Before the step's first update: throws OffPolicyError unless every log-probability has the rollout's bits. */
  mustBeOnPolicy: boolean
  /**
   * What the sum of the loss is divided by; default: the samples' answer tokens, or the samples for 'sequence'. Give it
   * where samples without a gradient, those of advantage 0, were left out.
   */
  denominator?: number
  /** Recomputes the layers in backward: less memory, more time. */
  useRecompute?: boolean
  /** Looked at before every micro-batch. */
  signal?: AbortSignal | undefined
}

/** A loss that is no number. */
export class LossError extends LengthenError {}

export function denominatorOf(samples: readonly Sample[], aggregation: Objective['aggregation'] = 'token'): number {
  return aggregation === 'token' ? numAnswerTokens(samples) : samples.length
}

/** Adds the gradient of the loss to the parameters'. After an error or an abort, zero the gradients. */
export async function accumulateGradients(
  model: Decoder,
  samples: readonly Sample[],
  objective: Objective,
  options: PassOptions,
): Promise<GrpoStats> {
  const hasReference = (objective.klWeight ?? 0) > 0
  samples.forEach((sample, index) => {
    requireSample(sample, index, { hasReference })
  })
  const whole = {
    denominator: options.denominator ?? denominatorOf(samples, objective.aggregation),
    numTokens: numAnswerTokens(samples),
    hasReference,
  }
  const passes: PassSums[] = []
  for (const batch of microBatches(samples, options)) {
    await turnOfEventLoop()
    options.signal?.throwIfAborted()
    passes.push(await pass(model, batch, objective, { ...options, ...whole }))
  }
  return combineStats(passes)
}

type Whole = PassOptions & { denominator: number; numTokens: number; hasReference: boolean }

async function pass(model: Decoder, batch: MicroBatch<Sample>, objective: Objective, whole: Whole): Promise<PassSums> {
  const results = scope(() => lossOf(model, batch, objective, whole))
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
  if (whole.mustBeOnPolicy && sums.maxLogprobDifference !== 0) requireOnPolicy(batch, await policyLogprobs.toArray())
  return sums
}

interface LossTerms {
  total: Tensor // []
  stats: Tensor
  entropySum: Tensor // []
  policyLogprobs: Tensor // [R]
}

function lossOf(model: Decoder, batch: MicroBatch<Sample>, objective: Objective, whole: Whole): LossTerms {
  const { temperature, entropyWeight = 0, ...options } = objective
  const { device } = model.head
  const { samples } = batch
  const policy = answerLogprobs(model, batch, { temperature, useRecompute: whole.useRecompute ?? false })
  const floats = (values: Float32Array) => tensor(values, { device })
  const inputs = {
    policyLogprobs: policy.logprobs,
    rolloutLogprobs: floats(concatenate(samples.map(({ rolloutLogprobs }) => rolloutLogprobs))),
    advantages: floats(Float32Array.from(samples, ({ advantage }) => advantage)),
    offsets: tensor(batch.offsets, { device }),
    ...(whole.hasReference && {
      referenceLogprobs: floats(concatenate(samples.map(({ referenceLogprobs }) => referenceLogprobs ?? []))),
    }),
  }
  const { loss, stats } = grpoLoss(inputs, { ...options, denominator: whole.denominator })
  const entropySum = sum(policy.entropy)
  const total = entropyWeight === 0 ? loss : sub(loss, mul(entropySum, entropyWeight / whole.numTokens))
  return { total, stats, entropySum: entropySum.detach(), policyLogprobs: policy.logprobs.detach() }
}

function requireNumber(loss: number, batch: MicroBatch<Sample>): void {
  if (Number.isFinite(loss)) return
  const last = batch.firstIndex + batch.samples.length - 1
  throw new LossError(`[grpo] the loss of samples ${batch.firstIndex} to ${last} is ${loss}`)
}
