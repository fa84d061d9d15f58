// What a recipe asks for, before anything runs: the tokens of a step of each stage, and the memory by part. Pure arithmetic
// on the recipe and the model's shape, in float32.
import type { DecoderConfig } from '../models/decoder-config.js'
import { familyOf } from '../models/families/index.js'
import type { LearningRateSchedule } from '../optim/learning-rate.js'
import type { Until } from '../schedule/context-schedule.js'
import type { Recipe } from './recipe/recipe.js'
import { settingsOf } from './stage-settings.js'

export type ModelShape = Pick<
  DecoderConfig,
  'family' | 'vocabularySize' | 'width' | 'feedForwardWidth' | 'numLayers' | 'numHeads' | 'numKvHeads' | 'headSize'
> &
  Pick<DecoderConfig, 'isHeadTied'>

export interface StagePlan {
  /** Null: no number of steps ends it. */
  maxSteps: number | null
  maxResponseTokens: number
  promptsPerStep: number
  numAnswers: number
  /** Of answers, at most. */
  maxAnswerTokensPerStep: number
  /** Prompts included, at most: what goes through the model in each pass of the update. */
  maxTokensPerStep: number
  updatesPerStep: number
  learningRate: number
  /** Null: constant. */
  learningRateSchedule: LearningRateSchedule | null
  temperature: number
  klWeight: number
  reset: readonly string[]
  /** Null: nothing ends it. */
  until: Until | null
}

/** Bytes, at the stage that takes the most. */
export interface MemoryPlan {
  weights: number
  /** The CPU's copies of the weights, in the order its products read them: one for y = x·Wᵀ, one for the gradient. */
  packedCopies: number
  gradients: number
  moments: number
  /** Its weights and one packed copy; 0 without a KL term. */
  reference: number
  /** At most, while sampling; given back before the update. */
  kvCache: number
  /** What a micro-batch keeps for backward; what an op needs while it runs comes on top. */
  activations: number
  /** What is there at once: the cache, or gradients and activations, beside the rest. */
  peak: number
}

export interface Plan {
  recipe: string
  device: string
  numParameters: number
  stages: StagePlan[]
  memory: MemoryPlan
}

export function planOf(recipe: Recipe, shape: ModelShape): Plan {
  const { name, device, schedule } = recipe
  const stages = schedule.stages.map((stage) => stagePlan(recipe, stage))
  return {
    recipe: name,
    device,
    numParameters: numParameters(shape),
    stages,
    memory: memoryPlan(recipe, shape, stages),
  }
}

function stagePlan(recipe: Recipe, stage: Recipe['schedule']['stages'][number]): StagePlan {
  const { rollout, objective, optimizer } = recipe
  const { numAnswers, temperature, klWeight, learningRate, learningRateSchedule } = settingsOf(stage, {
    ...rollout,
    ...objective,
    ...optimizer,
  })
  const { promptsPerStep, maxPromptTokens } = rollout
  const answersPerStep = promptsPerStep * numAnswers
  return {
    maxSteps: stage.until?.steps ?? null,
    maxResponseTokens: stage.maxResponseTokens,
    ...{ promptsPerStep, numAnswers },
    maxAnswerTokensPerStep: answersPerStep * stage.maxResponseTokens,
    maxTokensPerStep: answersPerStep * (stage.maxResponseTokens + maxPromptTokens),
    updatesPerStep: Math.min(objective.miniBatches, promptsPerStep) * objective.passes,
    ...{ learningRate, learningRateSchedule: learningRateSchedule ?? null, temperature, klWeight },
    reset: stage.reset ?? [],
    until: stage.until ?? null,
  }
}

type ShapeSection = NonNullable<Recipe['model']['shape']>

/** A recipe's words for a shape in the model's own. */
export const shapeOfSection = (section: ShapeSection): ModelShape => ({
  family: section.family,
  vocabularySize: section.vocabularySize,
  width: section.hiddenSize,
  feedForwardWidth: section.intermediateSize,
  numLayers: section.numLayers,
  numHeads: section.numHeads,
  numKvHeads: section.numKeyValueHeads,
  headSize: section.headSize ?? section.hiddenSize / section.numHeads,
  isHeadTied: section.tieEmbeddings,
})

const kFloat = Float32Array.BYTES_PER_ELEMENT
const kPanel = 32 // columns of a packed panel: cpp/ops/packed_weight.h

function memoryPlan(recipe: Recipe, shape: ModelShape, stages: readonly StagePlan[]): MemoryPlan {
  const weights = kFloat * numParameters(shape)
  const packing = recipe.device === 'cpu' ? packedBytes(shape) : { forward: 0, gradient: 0 }
  const packedCopies = packing.forward + packing.gradient
  const gradients = weights
  const moments = 2 * weights
  const reference = stages.some(({ klWeight }) => klWeight > 0) ? weights + packing.forward : 0
  const kvCache = Math.max(...stages.map((stage) => kvBytes(recipe, shape, stage)))
  const activations = activationBytes(recipe, shape)
  const always = weights + packedCopies + moments + reference
  const peak = always + Math.max(kvCache, gradients + activations)
  return { weights, packedCopies, gradients, moments, reference, kvCache, activations, peak }
}

/** Every product's weight [out, in] with how many there are. */
function products(shape: ModelShape): { out: number; in: number; count: number }[] {
  const { width, feedForwardWidth, numHeads, numKvHeads, headSize, numLayers, vocabularySize } = shape
  return [
    { out: numHeads * headSize, in: width, count: numLayers },
    { out: numKvHeads * headSize, in: width, count: 2 * numLayers },
    { out: width, in: numHeads * headSize, count: numLayers },
    { out: feedForwardWidth, in: width, count: 2 * numLayers },
    { out: width, in: feedForwardWidth, count: numLayers },
    { out: vocabularySize, in: width, count: 1 },
  ]
}

/** Of a decoder of this shape; a tied head counts once. */
export function numParameters(shape: ModelShape): number {
  const { width, numHeads, numKvHeads, headSize, numLayers, vocabularySize, isHeadTied } = shape
  const { hasQkvBias, hasQkNorms } = familyOf(shape)
  const matrices = products(shape).reduce((sum, product) => sum + product.out * product.in * product.count, 0)
  const biases = hasQkvBias ? (numHeads + 2 * numKvHeads) * headSize : 0
  const norms = 2 * width + (hasQkNorms ? 2 * headSize : 0)
  return matrices + numLayers * (biases + norms) + width + (isHeadTied ? 0 : vocabularySize * width)
}

function packedBytes(shape: ModelShape): { forward: number; gradient: number } {
  const padded = (columns: number) => Math.ceil(columns / kPanel) * kPanel
  const sum = (floatsOf: (product: { out: number; in: number }) => number) =>
    kFloat * products(shape).reduce((total, product) => total + product.count * floatsOf(product), 0)
  // The head's gradient reads the same copy as its forward: token_logprob.
  const ofHead = kFloat * padded(shape.width) * shape.vocabularySize
  return { forward: sum((p) => padded(p.out) * p.in), gradient: sum((p) => padded(p.in) * p.out) - ofHead }
}

function kvBytes({ rollout }: Recipe, shape: ModelShape, { maxTokensPerStep }: StagePlan): number {
  const perToken = 2 * kFloat * shape.numLayers * shape.numKvHeads * shape.headSize
  return Math.min(rollout.cacheBytes, perToken * maxTokensPerStep)
}

function activationBytes({ objective, rollout, schedule }: Recipe, shape: ModelShape): number {
  const longest = rollout.maxPromptTokens + Math.max(...schedule.stages.map((stage) => stage.maxResponseTokens))
  const numTokens = Math.max(objective.tokensPerMicroBatch, longest)
  const { width, numLayers } = shape
  // With recomputing: each layer's input, and one whole layer at a time.
  const layers = objective.useRecompute ? numLayers * width + layerFloats(shape) : numLayers * layerFloats(shape)
  const head = width + 1 + width + 3 // final norm; gathered rows, log-probability, entropy, log-sum-exp
  return kFloat * numTokens * (layers + head)
}

/** Floats of a token that a layer's ops save: see `saved` in lib/ops. */
function layerFloats({ family, width, feedForwardWidth, numHeads, numKvHeads, headSize }: ModelShape): number {
  const norms = 2 * (2 * width + 1) // input and output, inverse rms
  const attention = 2 * numHeads * headSize + 2 * numKvHeads * headSize + numHeads // q, o, k, v, log-sum-exp
  const headNorms = familyOf({ family }).hasQkNorms ? (numHeads + numKvHeads) * (headSize + 1) : 0
  return norms + attention + headNorms + 3 * feedForwardWidth // gate, up, and their product
}
