// objective: what is learned from a step's answers. A method names a published one; every key may be set beside it.
import { z } from 'zod'
import type { Stage } from '../../schedule/stage.js'
import { adaptiveEntropySection, overlongChoice } from './collect.js'
import { expectedAt, type Inconsistency } from './inconsistency.js'
import { type MethodSettings, methodNames, modeNames, plainSettings as plain, withMethod } from './methods.js'
import type { KeyPath } from './source.js'

const count = z.int().min(1)
const positive = z.number().gt(0)
const nonNegative = z.number().min(0)
const infinite = z.literal(Number.POSITIVE_INFINITY)

/** An upper clip; .inf: none. */
export const clipHigh = z.union([positive, infinite], { error: 'more than 0' })
/** .inf: none. */
export const dualClip = z.union([z.number().gt(1), infinite], { error: 'more than 1' })

export const objectiveKeys = {
  /** The defaults of all keys down to klEstimator. */
  method: z.enum(methodNames).optional(),
  /** Repeats a published run where it departed from its own formula. */
  mode: z.enum(modeNames).optional(),
  /** Of the policy to the one that sampled: each token's own, the geometric mean over the answer, or the whole answer's. */
  ratio: z.enum(['token', 'sequence', 'product']).default(plain.ratio),
  /** Whether clipping takes a token's gradient away, or bounds its weight. */
  surrogate: z.enum(['clipped', 'cispo']).default(plain.surrogate),
  /** ε_low: the ratio's lower clip is 1 − clipLow; 1: none. 0.2 without a method. */
  clipLow: positive.default(plain.clipLow),
  /** ε_high: the ratio's upper clip is 1 + clipHigh; .inf: none. 0.2 without a method. */
  clipHigh: clipHigh.default(plain.clipHigh),
  /** No loss of a negative advantage is more than this many times the advantage (Ye et al. 2020, arXiv 1912.09729); .inf: no bound. */
  dualClip: dualClip.default(plain.dualClip),
  /** Every token weighs the same, every answer does, or every token over answers times the stage's maxResponseTokens. */
  aggregation: z.enum(['token', 'sequence', 'constant']).default(plain.aggregation),
  /** One denominator for an update, or the mean or sum of the micro-batches' own means. */
  microBatches: z.enum(['whole', 'mean', 'sum']).default(plain.microBatches),
  /** What is subtracted from a reward: its group's mean, that of the group's others, or nothing. */
  baseline: z.enum(['group', 'leave-one-out', 'none']).default(plain.baseline),
  /** What that is divided by: a deviation; std is an older name of group. */
  normalize: z.enum(['group', 'std', 'batch', 'tokens', 'none']).default(plain.normalize),
  /** Largest L2 norm of an update's whole gradient: a longer one is scaled down to it. 1 where left out. */
  maxGradNorm: positive.default(1),
  /** Of the KL term that holds the policy near its reference, the weights that the run or a stage began with; 0: none. */
  klWeight: nonNegative.default(plain.klWeight),
  /** Of the KL term, x being log π − log π_ref: k1 is x, k2 is x²/2, k3 (without a method) is e^−x + x − 1. */
  klEstimator: z.enum(['k1', 'k2', 'k3']).default(plain.klEstimator),
  /** Of the mean entropy, which is then raised; 0: none. */
  entropyWeight: nonNegative.default(0),
  /** Moves entropyWeight so that entropy does not fall below a target (Skywork-OR1: He et al. 2025, arXiv 2505.22312); none where left out. */
  adaptiveEntropy: adaptiveEntropySection.optional(),
  /** Answers cut at the limit: keep (where left out) learns from them as wrong ones, mask leaves them out of the loss and its denominator. */
  overlong: overlongChoice.default('keep'),
  /** Updates per pass over a step's answers; groups stay whole. 1 where left out. */
  miniBatches: count.default(1),
  /** Over a step's answers; their old log-probabilities stay the rollout's. 1 where left out. */
  passes: count.default(1),
  /** Tokens of prompts and answers that an update runs through the model at once: memory goes with it. A longer answer is alone. */
  tokensPerMicroBatch: count.default(32_768),
  /** Keeps only the layers' inputs for backward and computes the rest again: less memory, more time, the same bits. */
  useRecompute: z.boolean().default(false),
}

export const objectiveSection = z.preprocess(withMethod, z.strictObject(objectiveKeys))

type Settings = Pick<MethodSettings, 'surrogate' | 'dualClip' | 'baseline' | 'normalize' | 'microBatches'> & {
  mode?: (typeof modeNames)[number] | undefined
  stages: readonly Stage[]
}

/** What these settings, those of the stages among them, have against each other. */
export const objectiveProblems = (settings: Settings, at: { objective: KeyPath; stages: KeyPath }): Inconsistency[] => [
  ...dualClipProblems(settings, at),
  ...normalizeProblems(settings, at.objective),
  ...modeProblems(settings, at.objective),
]

function dualClipProblems(
  { surrogate, dualClip, stages }: Settings,
  at: { objective: KeyPath; stages: KeyPath },
): Inconsistency[] {
  if (surrogate !== 'cispo') return []
  const places = [
    { path: [...at.objective, 'dualClip'], value: dualClip },
    ...stages.map((stage, i) => ({ path: [...at.stages, i, 'dualClip'], value: stage.dualClip ?? plain.dualClip })),
  ]
  return places
    .filter(({ value }) => value !== plain.dualClip)
    .map(({ path }) => {
      const message = `expected no ${path.join('.')} beside the surrogate cispo, which bounds the ratio itself`
      return { path, message }
    })
}

/** A plain reward over a deviation says nothing, and equal rewards would be divided by almost nothing. */
function normalizeProblems({ baseline, normalize }: Settings, at: KeyPath): Inconsistency[] {
  if (baseline !== 'none' || normalize === 'tokens' || normalize === 'none') return []
  return [expectedAt([...at, 'normalize'], 'tokens or none, as baseline is none,', normalize)]
}

function modeProblems({ mode, microBatches }: Settings, at: KeyPath): Inconsistency[] {
  if (mode === undefined || microBatches === 'sum') return []
  return [expectedAt([...at, 'microBatches'], `sum, as mode is ${mode},`, microBatches)]
}
