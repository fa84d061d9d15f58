// The micro-batches of an update, and what the sums of each are divided by.

import { requireArrays, requireEach } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { type MicroBatch, microBatches, microBatchOf } from './batch.js'
import type { Objective } from './objective.js'
import { isCounted, numAnswerTokens, type Sample } from './sample.js'

export interface Pass {
  batch: MicroBatch<Sample>
  /** Of the loss. */
  denominator: number
  /** Of the entropy, which is always a mean over tokens. */
  entropyDenominator: number
}

/** How many tokens go through the model at once, and what the loss is divided by. */
export interface PassSizes {
  /** Tokens of a micro-batch; a longer sequence gets one of its own. */
  maxTokens: number
  /** The limit of an answer, in tokens; needed for the aggregation 'constant'. */
  maxResponseTokens?: number | undefined
  /** Instead of what the samples and the aggregation give; for microBatches 'whole'. */
  denominator?: number | undefined
}

/**
 * What the loss of these samples is divided by, masked ones left out: their answers' tokens ('token'), their number
 * ('sequence'), or their number times maxResponseTokens ('constant').
 * @param aggregation As of the objective; 'token' unless given.
 * @throws {@link ArgumentError} for 'constant' without maxResponseTokens
 */
export function denominatorOf(
  samples: readonly Sample[],
  aggregation: Objective['aggregation'] = 'token',
  maxResponseTokens?: number | undefined,
): number {
  requireArrays('grpo', { samples })
  requireEach('grpo', aggregations.join(', '), { aggregation }, (name) => aggregations.includes(name as never))
  const counted = samples.filter(isCounted)
  if (aggregation === 'token') return numAnswerTokens(counted)
  if (aggregation === 'sequence') return counted.length
  if (maxResponseTokens === undefined)
    throw new ArgumentError("[grpo] expected maxResponseTokens beside the aggregation 'constant', got none")
  return counted.length * maxResponseTokens
}

/** An answer of advantage 0 teaches by the KL term and the entropy only; without them it counts in denominators alone. */
export const hasGradient = (sample: Sample, { klWeight = 0, entropyWeight = 0 }: Objective): boolean =>
  isCounted(sample) && (sample.advantage !== 0 || klWeight > 0 || entropyWeight > 0)

/** In order; without samples that have no gradient. */
export function passesOf(samples: readonly Sample[], objective: Objective, sizes: PassSizes): Pass[] {
  const { microBatches: how = 'whole' } = objective
  return how === 'whole' ? passesOfWhole(samples, objective, sizes) : passesOfParts(samples, objective, sizes)
}

function passesOfWhole(samples: readonly Sample[], objective: Objective, sizes: PassSizes): Pass[] {
  const learned = samples.filter((sample) => hasGradient(sample, objective))
  const denominators = {
    denominator: sizes.denominator ?? denominatorOf(samples, objective.aggregation, sizes.maxResponseTokens),
    entropyDenominator: numAnswerTokens(samples.filter(isCounted)),
  }
  return microBatches(learned, { maxTokens: sizes.maxTokens }).map((batch) => ({ batch, ...denominators }))
}

/** Packed before samples without a gradient are left out: what a micro-batch's mean is over does not depend on the rewards. */
function passesOfParts(samples: readonly Sample[], objective: Objective, sizes: PassSizes): Pass[] {
  const batches = microBatches(samples.filter(isCounted), { maxTokens: sizes.maxTokens })
  const share = objective.microBatches === 'mean' ? batches.length : 1
  return batches.flatMap((batch): Pass[] => {
    const learned = batch.samples.filter((sample) => hasGradient(sample, objective))
    if (learned.length === 0) return []
    const denominator = denominatorOf(batch.samples, objective.aggregation, sizes.maxResponseTokens)
    return [
      {
        batch: learned.length === batch.samples.length ? batch : microBatchOf(learned, batch.firstIndex),
        denominator: share * denominator,
        entropyDenominator: share * numAnswerTokens(batch.samples),
      },
    ]
  })
}

const aggregations = ['token', 'sequence', 'constant'] as const
