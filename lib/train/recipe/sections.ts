// The sections of a recipe: every key, its type, and its default where it has one. This is the only place that knows them.
import { z } from 'zod'
import { largestSteps } from '../../data/synthetic/digit-recurrence.js'
import { generatorNames } from '../../data/synthetic/generators.js'
import { decoderDefaults } from '../../models/decoder-config.js'
import { familyNames } from '../../models/families/index.js'
import { distillDefaults } from '../distill-defaults.js'
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
  /** C, the width of the residual stream. */
  hiddenSize: count,
  /** The width within a layer's feed-forward part. */
  intermediateSize: count,
  /** Layers, each of attention and a feed-forward part. */
  numLayers: count,
  /** H, heads of a layer's attention. */
  numHeads: count,
  /** K, heads of keys and values: a divisor of numHeads, which share them in equal parts. */
  numKeyValueHeads: count,
  /** D, a multiple of 8 up to 256; hiddenSize / numHeads where left out. */
  headSize: count.optional(),
}

/** A decoder with random weights. */
const createSection = z.strictObject({
  /** Whose biases and norms its layers have: qwen2 (where left out), qwen3 or llama. */
  family: z.enum(familyNames).default('qwen2'),
  ...decoderSizes,
  /** The base of the rotary frequencies θ^(−2i/D); 10,000 where left out. */
  ropeTheta: positive.default(decoderDefaults.ropeTheta),
  /** Stretches these frequencies for contexts longer than those of a first training; as they are where left out. */
  ropeScaling: ropeScalingSection.optional(),
  /** Added to the mean square within the norms' root; 1e-6 where left out. */
  rmsNormEpsilon: positive.default(decoderDefaults.normEpsilon),
  /** Tokens of one sequence, prompt and answer together, that the model has room for; 4096 where left out. */
  maxPositions: count.default(decoderDefaults.maxPositions),
  /** Whether the head is the embedding's own matrix [V, C]; true where left out. */
  tieEmbeddings: z.boolean().default(decoderDefaults.isHeadTied),
  /** Deviation of the first weights, which are normal; 0.02 where left out. Biases begin at 0 and norms at 1. */
  initializerRange: positive.default(decoderDefaults.initializerRange),
  /** Factor on it for the projections that write into the residual stream, 1 where left out; 0 starts every layer as the identity. */
  residualScale: nonNegative.default(1),
})

/** What a folder's config.json must say: `--dry-run` plans with it before there is a folder, and a run holds the folder to it. */
const shapeSection = z.strictObject({
  /** The model_type of config.json: qwen2 (where left out), qwen3 or llama. */
  family: z.enum(familyNames).default('qwen2'),
  /** V, rows of the embedding: config.json's vocab_size, which may be more than the tokenizer has tokens. */
  vocabularySize: count,
  ...decoderSizes,
  /** Whether the head is the embedding's own matrix [V, C], as tie_word_embeddings says. */
  tieEmbeddings: z.boolean(),
})

/** A Hugging Face folder, or a model made from nothing. */
export const modelSection = z
  .strictObject({
    /** A Hugging Face folder: config.json and safetensors, and a tokenizer unless `tokenizer` names another. This or `create`. */
    path: path.optional(),
    /** A model made from nothing, of random weights. This or `path`. */
    create: createSection.optional(),
    /** What the folder of `path` must hold: beside `path` only, and not checked where left out. */
    shape: shapeSection.optional(),
    ...loraKeys,
    /** Folder of a tokenizer; the model's own, or that of the synthetic data, where left out. */
    tokenizer: path.optional(),
  })
  .superRefine(exactlyOneOf('path', 'create'))

/** A generator of lib/data/synthetic: problems, held-out problems and worked solutions made from the seed. */
const syntheticSection = z.strictObject({
  /** What the problems are: digit-recurrence, the quickstart's, or modular-sum, small enough to learn without being taught. */
  generator: z.enum(generatorNames),
  /** As a data set of so many problems, which stages can select from; new ones for ever where left out. */
  numRows: count.optional(),
  /** Fewest steps of a problem; 2 where left out. */
  minSteps: count.default(2),
  /** Most steps of a problem, at most 40; 20 where left out. */
  maxSteps: count.max(largestSteps).default(20),
  /** Chance that a step of a worked solution comes out one too high or too low; 0.08 where left out. */
  slip: share.default(0.08),
  /** Chance that such a slip is noticed, and the step worked again; 0.5 where left out. */
  mend: share.default(0.5),
  /** Chance that a right step is worked again all the same; 0.35 where left out. */
  recheck: share.default(0.35),
})

/** Data sets, or problems made by a generator. */
export const dataSection = z
  .strictObject({
    /** Problems that are learned from, each with an answer: a path alone, or a section. This or `synthetic`. */
    train: dataSetSection.optional(),
    /** Problems of the evaluations, at least two, each with an answer: needed beside `train` unless there are heldOutSets. */
    heldOut: dataSetSection.optional(),
    /** Instead of heldOut: several data sets, by the names that reports use. */
    heldOutSets: z.record(z.string().min(1), dataSetSection).optional(),
    ...reading,
    /** Problems that a generator makes, held-out ones among them. This or `train`. */
    synthetic: syntheticSection.optional(),
    /** Which rows are learned from, and how often, by their pass rates; all alike where left out. */
    difficulty: difficultySection.optional(),
    /** The user's turn, made of a row's fields, each in braces by its name; the problem alone where left out. */
    prompt: z.string().default('{problem}'),
  })
  .superRefine(exactlyOneOf('train', 'synthetic'))

/** The supervised phase before reinforcement learning, on a generator's worked solutions. */
export const distillSection = z.strictObject({
  /** Updates at most, warm-up and cool-down included. */
  maxSteps: count,
  /** Worked solutions of an update. */
  batchSize: count,
  /** The rate between warm-up and cool-down. */
  learningRate: nonNegative,
  /** The first steps climb to it in equal parts; 0 where left out. */
  warmupSteps: countOrNone.default(distillDefaults.warmupSteps),
  /** Steps at the end with the rate falling linearly to 0; 0 where left out. */
  cooldownSteps: countOrNone.default(distillDefaults.cooldownSteps),
  /** β₁ and β₂ of AdamW; 0.9 and 0.98 where left out. */
  betas: betas.default([distillDefaults.beta1, distillDefaults.beta2]),
  /** ε of AdamW, beside the root of the second moment; 1e-8 where left out. */
  epsilon: positive.default(distillDefaults.epsilon),
  /** Decoupled, of matrices alone: biases and norms do not decay here. 0.01 where left out. */
  weightDecay: nonNegative.default(distillDefaults.weightDecay),
  /** Largest L2 norm of an update's whole gradient: a longer one is scaled down to it. 1 where left out. */
  maxGradNorm: positive.default(distillDefaults.maxGradNorm),
  /** The cool-down begins when the mean loss of the last steps is below this; without it, as maxSteps demands. */
  until: z
    .strictObject({
      /** In nats a token of the solutions. */
      loss: positive,
      /** How many losses the mean is over; 25 where left out. Looked at once there are so many, and curriculum.overSteps are done. */
      overSteps: count.default(25),
    })
    .optional(),
  /** The hardest problem of a step climbs from one difficulty to the other over the first steps. */
  curriculum: z
    .strictObject({
      /** Most steps of a problem at first: no fewer than data.synthetic.minSteps. */
      from: count,
      /** Most steps of a problem from update overSteps on; data.synthetic.maxSteps holds too. */
      to: count,
      /** Updates that the climb takes, in equal parts. */
      overSteps: count,
    })
    .optional(),
})

export const rolloutSection = z.strictObject({
  /** P, problems of a step: each gives a group of answers. */
  promptsPerStep: count,
  /** G, answers to each problem; 8 where left out. A stage may have its own. */
  numAnswers: count.default(8),
  /** Above 0, 1 where left out: log-probabilities, of sampling and of training, are those after it. A stage may have its own. */
  temperature: positive.default(1),
  /** Only the k likeliest tokens are drawn; 0, where left out: all. */
  topK: countOrNone.default(0),
  /** Only the likeliest tokens that together reach p are drawn; 1, where left out: all. Log-probabilities stay those of all tokens. */
  topP: z.number().gt(0).max(1).default(1),
  /** A prompt with more tokens is an error before the first step; 1024 where left out. */
  maxPromptTokens: count.default(1024),
  /** Samples until the groups that there is something to learn from are as many as promptsPerStep (DAPO, section 3.2); off where left out. */
  dynamicSampling: dynamicSamplingSection.optional(),
  /** Memory for keys and values, at most: fewer answers are decoded at once where it is short. 10⁹ where left out. */
  cacheBytes: count.default(1_000_000_000),
})

export const optimizerSection = z.strictObject({
  /** The rate at its highest; 1e-6 where left out. A stage may have its own. */
  learningRate: nonNegative.default(1e-6),
  /** How that rate moves from the run's first step on, or from what begins it anew; constant where left out. */
  learningRateSchedule: learningRateSchedule.optional(),
  /** β₁ and β₂, the decays of the two moments; 0.9 and 0.999 where left out. */
  betas: betas.default([0.9, 0.999]),
  /** ε, added to the root of the second moment; 1e-8 where left out. */
  epsilon: positive.default(1e-8),
  /** Decoupled (Loshchilov & Hutter 2019, arXiv 1711.05101), of every parameter that is trained; 0.01 where left out. */
  weightDecay: nonNegative.default(0.01),
  moments,
})

export const evaluationSection = z.strictObject({
  /** Of each set, at most: the first so many, or all where they are fewer. 300 where left out. */
  numProblems: z.int().min(2).default(300),
  /** Answers to each problem, whose mean is pass@1; 4 where left out. */
  samplesPerProblem: count.default(4),
  /** That of the longest stage where left out; no less. */
  maxResponseTokens: count.optional(),
  /** The rollout's where left out. */
  temperature: positive.optional(),
  /** Only the k likeliest tokens; 0, where left out: all, whatever the rollout has. */
  topK: countOrNone.default(0),
  /** Only the likeliest tokens that together reach p; 1, where left out: all, whatever the rollout has. */
  topP: z.number().gt(0).max(1).default(1),
})

export { rewardSection } from './reward.js'
