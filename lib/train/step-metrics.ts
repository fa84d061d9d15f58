// What a step's answers and updates say in numbers.
import { LengthenError } from '../errors.js'
import type { GrpoStats } from '../grpo/stats.js'
import type { Collected } from './collect-groups.js'
import { collectMetrics } from './collect-metrics.js'
import type { StepMetrics } from './events.js'
import { answerShares } from './guard/index.js'
import type { UpdateResult } from './update.js'

interface About {
  collected: Collected
  step: number
  stage: number
  maxResponseTokens: number
  learningRate: number
  entropyWeight: number
  klWeight: number
  rolloutSeconds: number
  trainSeconds: number
}

/** Of everything sampled, and of the updates: means over updates; those of what a token has are weighted by the updates' tokens. */
export function stepMetrics(
  { stats: updates, gradientNorms }: UpdateResult,
  { collected, rolloutSeconds, trainSeconds, ...about }: About,
): StepMetrics {
  const answers = collected.sampled.flat()
  const scores = answers.flatMap(({ score }) => (score === undefined ? [] : [score]))
  if (scores.length === 0) throw new LengthenError(`[train] step ${about.step} has no scored answer`)
  const lengths = answers.map(({ tokens }) => tokens.length)
  const numUpdateTokens = sum(updates.map(({ numTokens }) => numTokens))
  const weighted = (field: keyof GrpoStats, otherwise = 0) =>
    numUpdateTokens === 0 ? otherwise : sum(updates.map((u) => u[field] * u.numTokens)) / numUpdateTokens
  return {
    ...about,
    reward: mean(scores),
    ...collectMetrics(collected),
    ...answerShares(collected.sampled),
    meanTokens: mean(lengths),
    maxTokens: lengths.reduce((most, length) => Math.max(most, length)), // too many to be arguments
    truncatedShare: mean(answers.map(({ finishReason }) => Number(finishReason === 'length'))),
    entropy: numUpdateTokens === 0 ? sampledEntropy(answers) : weighted('entropy'),
    loss: meanOrZero(updates.map(({ loss }) => loss)),
    clipFraction: weighted('clipFractionLow') + weighted('clipFractionHigh') + weighted('clipFractionDual'),
    ratio: weighted('ratio', 1),
    rolloutKl: weighted('rolloutKl'),
    referenceKl: weighted('referenceKl'),
    gradientNorm: meanOrZero(gradientNorms),
    // Later updates of a step have moved away from the rollout; the first has not.
    maxLogprobDifference: updates[0]?.maxLogprobDifference ?? 0,
    numSamples: answers.length,
    numMissingRewards: answers.length - scores.length,
    rolloutTokensPerSecond: sum(lengths) / rolloutSeconds,
    trainTokensPerSecond: sum(updates.map(({ numInputTokens }) => numInputTokens)) / trainSeconds,
    seconds: rolloutSeconds + trainSeconds,
  }
}

/** Of a step that failed before there was anything to measure: every number is NaN. */
export function unmeasuredStep(about: Pick<StepMetrics, 'step' | 'stage' | 'maxResponseTokens'>): StepMetrics {
  const { NaN: none } = Number
  return {
    ...about,
    ...{ reward: none, passRate: none, meanTokens: none, maxTokens: none, truncatedShare: none, repeatedShare: none },
    ...{ unparsedShare: none, uniformShare: none, entropy: none, loss: none, clipFraction: none, ratio: none },
    ...{ rolloutKl: none, referenceKl: none, gradientNorm: none, maxLogprobDifference: none, learningRate: none },
    ...{ entropyWeight: none, klWeight: none, numSamples: 0, numBatches: 0, numRounds: 0, numGroups: 0 },
    ...{ numSampledGroups: 0, numMaskedAnswers: 0, numMissingRewards: 0, rolloutTokensPerSecond: none },
    ...{ trainTokensPerSecond: none, seconds: none },
  }
}

/** An estimate without a pass through the model, in nats a token: the mean of −log p over what was drawn. Without bias at top-p 1. */
export const sampledEntropy = (answers: Collected['sampled'][number]): number =>
  -sum(answers.map(({ rolloutLogprobs }) => sum(rolloutLogprobs))) / sum(answers.map(({ tokens }) => tokens.length))

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

const mean = (values: readonly number[]): number => sum(values) / values.length
const meanOrZero = (values: readonly number[]): number => (values.length === 0 ? 0 : mean(values))
