// The sections of a recipe: every key, its type, and its default where it has one. This is the only place that knows them.
import { z } from 'zod'
import { largestSteps } from '../../data/synthetic/digit-recurrence.js'
import { generatorNames } from '../../data/synthetic/generators.js'
import { decoderDefaults } from '../../models/decoder-config.js'
import { familyNames } from '../../models/families/index.js'
import { dynamicSamplingSection } from './collect.js'
import { dataSetSection, reading } from './data-set.js'
import { learningRateSchedule } from './learning-rate.js'
import { loraKeys } from './lora.js'
import { moments } from './memory.js'
import { ropeScalingSection } from './rope.js'
import { difficultySection } from './selection.js'

const count = z.int().min(1)
const countOrNone = z.int().min(0)
const positive = z.number().gt(0)
const nonNegative = z.number().min(0)
const share = z.number().min(0).max(1)
const beta = z.number().min(0).lt(1)
const betas = z.tuple([beta, beta])
const path = z.string().min(1)

/** Of these keys exactly one must be there: a choice without a union, whose errors nobody can read. */
function exactlyOneOf(...keys: string[]) {
  return (section: object, context: z.RefinementCtx) => {
    const present = keys.filter((key) => (section as Record<string, unknown>)[key] !== undefined)
    if (present.length === 1) return
    const got = present.length === 0 ? 'none' : present.join(' and ')
    context.addIssue({ code: 'custom', message: `expected exactly one of ${keys.join(', ')}, got ${got}` })
  }
}

const decoderSizes = {
  hiddenSize: count,
  intermediateSize: count,
  numLayers: count,
  numHeads: count,
  numKeyValueHeads: count,
  /** hiddenSize / numHeads where left out. */
  headSize: count.optional(),
}

/** A decoder with random weights. */
const createSection = z.strictObject({
  family: z.enum(familyNames).default('qwen2'),
  ...decoderSizes,
  ropeTheta: positive.default(decoderDefaults.ropeTheta),
  ropeScaling: ropeScalingSection.optional(),
  rmsNormEpsilon: positive.default(decoderDefaults.normEpsilon),
  maxPositions: count.default(decoderDefaults.maxPositions),
  tieEmbeddings: z.boolean().default(decoderDefaults.isHeadTied),
  /** Deviation of the first weights. */
  initializerRange: positive.default(decoderDefaults.initializerRange),
  /** Factor on it for the projections that write into the residual stream; 0 starts every layer as the identity. */
  residualScale: nonNegative.default(1),
})

/** What a folder's config.json must say: `--dry-run` plans with it before there is a folder, and a run holds the folder to it. */
const shapeSection = z.strictObject({
  family: z.enum(familyNames).default('qwen2'),
  vocabularySize: count,
  ...decoderSizes,
  tieEmbeddings: z.boolean(),
})

/** A Hugging Face folder, or a model made from nothing. */
export const modelSection = z
  .strictObject({
    path: path.optional(),
    create: createSection.optional(),
    /** Beside path only. */
    shape: shapeSection.optional(),
    ...loraKeys,
    /** Folder of a tokenizer; the model's own, or that of the synthetic data, where left out. */
    tokenizer: path.optional(),
  })
  .superRefine(exactlyOneOf('path', 'create'))

/** A generator of lib/data/synthetic: problems, held-out problems and worked solutions made from the seed. */
const syntheticSection = z.strictObject({
  generator: z.enum(generatorNames),
  /** As a data set of so many problems, which stages can select from; new ones for ever where left out. */
  numRows: count.optional(),
  minSteps: count.default(2),
  maxSteps: count.max(largestSteps).default(20),
  slip: share.default(0.08),
  mend: share.default(0.5),
  recheck: share.default(0.35),
})

/** Data sets, or problems made by a generator. */
export const dataSection = z
  .strictObject({
    train: dataSetSection.optional(),
    heldOut: dataSetSection.optional(),
    /** Instead of heldOut: several data sets, by the names that reports use. */
    heldOutSets: z.record(z.string().min(1), dataSetSection).optional(),
    ...reading,
    synthetic: syntheticSection.optional(),
    difficulty: difficultySection.optional(),
    /** The user's turn, made of a row's fields. */
    prompt: z.string().default('{problem}'),
  })
  .superRefine(exactlyOneOf('train', 'synthetic'))

/** The supervised phase before reinforcement learning, on a generator's worked solutions. */
export const distillSection = z.strictObject({
  maxSteps: count,
  batchSize: count,
  learningRate: nonNegative,
  warmupSteps: countOrNone.default(0),
  /** Steps at the end with the rate falling to 0. */
  cooldownSteps: countOrNone.default(0),
  betas: betas.default([0.9, 0.98]),
  epsilon: positive.default(1e-8),
  weightDecay: nonNegative.default(0.01),
  maxGradNorm: positive.default(1),
  /** The cool-down begins when the mean loss of the last steps is below this; without it, as maxSteps demands. */
  until: z.strictObject({ loss: positive, overSteps: count.default(25) }).optional(),
  /** The hardest problem of a step climbs from one difficulty to the other over the first steps. */
  curriculum: z.strictObject({ from: count, to: count, overSteps: count }).optional(),
})

export const rolloutSection = z.strictObject({
  promptsPerStep: count,
  numAnswers: count.default(8),
  temperature: positive.default(1),
  /** 0: all tokens. */
  topK: countOrNone.default(0),
  topP: z.number().gt(0).max(1).default(1),
  maxPromptTokens: count.default(1024),
  dynamicSampling: dynamicSamplingSection.optional(),
  /** For keys and values. */
  cacheBytes: count.default(1_000_000_000),
})

export const optimizerSection = z.strictObject({
  learningRate: nonNegative.default(1e-6),
  learningRateSchedule: learningRateSchedule.optional(),
  betas: betas.default([0.9, 0.999]),
  epsilon: positive.default(1e-8),
  weightDecay: nonNegative.default(0.01),
  moments,
})

export const evaluationSection = z.strictObject({
  /** Of each set, at most; all that there are where they are fewer. */
  numProblems: z.int().min(2).default(300),
  samplesPerProblem: count.default(4),
  /** That of the longest stage where left out; no less. */
  maxResponseTokens: count.optional(),
  /** The rollout's where left out. */
  temperature: positive.optional(),
  topK: countOrNone.default(0),
  topP: z.number().gt(0).max(1).default(1),
})

export { rewardSection } from './reward.js'
