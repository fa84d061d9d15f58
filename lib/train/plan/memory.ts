// The memory of a run by part, on one device: pure arithmetic on the recipe, the model's shape and the stages' plans.
import { familyOf } from '../../models/families/index.js'
import { engineDefaults, wantedBlocks } from '../../rollout/cache-size.js'
import { numBlocksAtMost } from '../../rollout/scheduler.js'
import { type ModelShape, numParameters, products } from '../model-shape.js'
import { evaluationLimit } from '../recipe/limits.js'
import type { Recipe } from '../recipe/recipe.js'
import { adapterParameters } from './adapters.js'
import { numSetsOf } from './evaluation-size.js'
import { headWeights, keyValueWidth, layerWeights } from './flops.js'
import { layoutOf, type MemoryLayout } from './layout.js'
import { momentBytes } from './moment-size.js'
import type { StagePlan } from './plan.js'
import { snapshotBytes } from './snapshot-size.js'

/** Bytes on one device. */
export interface MemoryPlan {
  /** Of the model. A bf16 base beside adapters keeps biases and norms in float32. */
  weights: number
  /** Of LoRA, float32; 0 without. */
  adapters: number
  /** Float32 beside bf16 weights; 0 where the weights are float32 themselves. */
  masterWeights: number
  /** The CPU's copies of the weights, in the order its products read them: one for y = x·Wᵀ, one for the gradient. */
  packedCopies: number
  /** Float32, of all trained weights at once; 0 in the evaluation. */
  gradients: number
  /** AdamW's two of every trained weight, float32 or 8-bit, as optimizer.moments says. */
  moments: number
  /** Its weights and one packed copy; 0 without a KL term. */
  reference: number
  /** What a checkpoint writes, copied so that training goes on; 0 where none are written, or where it lies in the host's memory. */
  snapshot: number
  /** At most, while sampling; given back before the update. */
  kvCache: number
  /** What a micro-batch keeps for backward. */
  activations: number
  /** What one layer's backward works with beside that. */
  backward: number
  /** The chunk of logits and the gradient of the head, while that is computed. */
  logits: number
  /** What is there at once: the cache, or gradients and activations with a layer's backward or logits, beside the rest. */
  peak: number
}

const kFloat = Float32Array.BYTES_PER_ELEMENT
const kPanel = 32 // columns of a packed panel: cpp/ops/packed_weight.h

const logits = { floats: 2 ** 22, columns: 8 * 512, rowStep: 256 }

type Sizes = Omit<MemoryPlan, 'peak'>

/** At the peak of a stage's steps. */
export function stageMemory(
  recipe: Recipe,
  shape: ModelShape,
  stage: StagePlanSizes,
  layout: MemoryLayout = layoutOf(recipe.device),
): MemoryPlan {
  const trained = trainedParameters(recipe, shape)
  const isFrozen = adapterParameters(recipe, shape) > 0
  return withPeak({
    ...standing(recipe, shape, layout),
    gradients: kFloat * trained,
    kvCache: cacheBytes(recipe, shape, { ...stage, numSequences: stage.promptsPerStep * stage.numAnswers }, layout),
    activations: activationBytes(recipe, shape, stage, layout),
    backward: backwardBytes(recipe, shape, stage, layout),
    logits:
      logitsBytes(shape, microBatchTokens(recipe, stage, layout.numDevices)) +
      (isFrozen ? 0 : kFloat * headWeights(shape)),
  })
}

/** What stands in memory all the time, and the cache of the held-out evaluation. */
export function evaluationMemory(
  recipe: Recipe,
  shape: ModelShape,
  layout: MemoryLayout = layoutOf(recipe.device),
): MemoryPlan {
  const { numProblems, samplesPerProblem } = recipe.evaluation
  const maxResponseTokens = evaluationLimit(recipe)
  const sampling = { numSequences: numSetsOf(recipe) * numProblems * samplesPerProblem, maxResponseTokens }
  const kvCache = cacheBytes(recipe, shape, sampling, layout)
  return withPeak({ ...standing(recipe, shape, layout), gradients: 0, kvCache, activations: 0, backward: 0, logits: 0 })
}

/** The most of every part, and of what is there at once. */
export function worstMemory(plans: readonly MemoryPlan[]): MemoryPlan {
  const parts = Object.keys(plans[0] as MemoryPlan) as (keyof MemoryPlan)[]
  return Object.fromEntries(parts.map((part) => [part, Math.max(...plans.map((plan) => plan[part]))])) as never
}

type StagePlanSizes = Pick<StagePlan, 'promptsPerStep' | 'numAnswers' | 'maxResponseTokens' | 'klWeight'>

const trainedParameters = (recipe: Recipe, shape: ModelShape): number =>
  adapterParameters(recipe, shape) || numParameters(shape)

function withPeak(sizes: Sizes): MemoryPlan {
  const { gradients, kvCache, activations, backward, logits, ...always } = sizes
  const standing = Object.values(always).reduce((sum, bytes) => sum + bytes, 0)
  return { ...sizes, peak: standing + Math.max(kvCache, gradients + activations + Math.max(backward, logits)) }
}

function standing(recipe: Recipe, shape: ModelShape, layout: MemoryLayout) {
  const { bytesPerValue, hasMasterWeights, hasPackedCopies, numDevices, hasSnapshot } = layout
  const adapters = kFloat * adapterParameters(recipe, shape)
  const bytesPerWeight = adapters > 0 && recipe.model.baseDtype === 'bf16' ? 2 : bytesPerValue
  const weights = weightBytes(shape, bytesPerWeight)
  const trained = trainedParameters(recipe, shape)
  const packed = hasPackedCopies ? packedBytes(shape, bytesPerWeight) : { forward: 0, gradient: 0 }
  const numKept = adapters > 0 ? 0 : shape.vocabularySize * shape.width
  const moments = momentBytes(recipe, { numTrained: trained, numKept })
  const masterWeights = hasMasterWeights && adapters === 0 ? kFloat * trained : 0
  // With adapters the reference is the model without them.
  const referenceWeights = hasReference(recipe) && adapters === 0 ? weights : 0
  return {
    ...{ weights, adapters, packedCopies: packed.forward + packed.gradient },
    masterWeights: masterWeights / numDevices,
    moments: moments / numDevices,
    reference: referenceWeights > 0 ? referenceWeights + packed.forward : 0,
    snapshot: hasSnapshot ? snapshotBytes({ trained: adapters || weights, moments, reference: referenceWeights }) : 0,
  }
}

const hasReference = ({ objective, schedule }: Recipe): boolean =>
  schedule.stages.some((stage) => (stage.klWeight ?? objective.klWeight) > 0)

/** A bf16 base beside adapters keeps biases and norms in float32. */
function weightBytes(shape: ModelShape, bytesPerWeight: number): number {
  const numMatrix = layerWeights(shape) + (shape.isHeadTied ? 1 : 2) * headWeights(shape)
  return bytesPerWeight * numMatrix + kFloat * (numParameters(shape) - numMatrix)
}

function packedBytes(shape: ModelShape, bytesPerWeight: number): { forward: number; gradient: number } {
  const padded = (columns: number) => Math.ceil(columns / kPanel) * kPanel
  const sum = (floatsOf: (product: { out: number; in: number }) => number) =>
    bytesPerWeight * products(shape).reduce((total, product) => total + product.count * floatsOf(product), 0)
  // The head's gradient reads the same copy as its forward: token_logprob.
  const ofHead = bytesPerWeight * padded(shape.width) * shape.vocabularySize
  return { forward: sum((p) => padded(p.out) * p.in), gradient: sum((p) => padded(p.in) * p.out) - ofHead }
}

interface Sampling {
  numSequences: number
  maxResponseTokens: number
}

/** Bytes of one block over all layers, keys and values. */
export const blockBytes = (shape: ModelShape, { bytesPerValue }: MemoryLayout): number =>
  bytesPerValue * keyValueWidth(shape) * engineDefaults.blockSize

/** As the rollout engine takes it: whole blocks, at most so many sequences at once, within its limit. */
function cacheBytes({ rollout }: Recipe, shape: ModelShape, sampling: Sampling, layout: MemoryLayout): number {
  const { blockSize, maxBatch } = engineDefaults
  const bytesPerBlock = blockBytes(shape, layout)
  const numSequences = Math.ceil(sampling.numSequences / layout.numDevices)
  const blocksOfOne = numBlocksAtMost(rollout.maxPromptTokens, sampling.maxResponseTokens, blockSize)
  const affordable = Math.floor(rollout.cacheBytes / bytesPerBlock)
  return Math.min(wantedBlocks({ numSequences, maxBatch, blocksOfOne }), affordable) * bytesPerBlock
}

/** Rows and columns that the head's backward takes at once: cpp/ops/token_logprob.cpp. */
function logitsBytes({ vocabularySize }: ModelShape, numTokens: number): number {
  const columns = Math.min(vocabularySize, logits.columns)
  const rows = Math.max(logits.rowStep, Math.floor(logits.floats / columns / logits.rowStep) * logits.rowStep)
  return kFloat * columns * Math.min(rows, numTokens)
}

/** Tokens of the largest micro-batch: one sequence at least, a mini-batch at most. */
export function microBatchTokens({ objective, rollout }: Recipe, stage: StagePlanSizes, numDevices: number): number {
  const { promptsPerStep, numAnswers, maxResponseTokens } = stage
  const longest = rollout.maxPromptTokens + maxResponseTokens
  const promptsPerUpdate = Math.ceil(promptsPerStep / Math.min(objective.miniBatches, promptsPerStep))
  const answersOfDevice = Math.ceil((promptsPerUpdate * numAnswers) / numDevices)
  return Math.max(longest, Math.min(objective.tokensPerMicroBatch, answersOfDevice * longest))
}

function activationBytes(recipe: Recipe, shape: ModelShape, stage: StagePlanSizes, layout: MemoryLayout): number {
  const numTokens = microBatchTokens(recipe, stage, layout.numDevices)
  const { width, numLayers } = shape
  const layer = layerValues(shape)
  // With recomputing: each layer's input, and one whole layer at a time.
  const layers = recipe.objective.useRecompute ? numLayers * width + layer : numLayers * layer
  const head = width + 1 + width + 3 // final norm; gathered rows, log-probability, entropy, log-sum-exp
  return layout.bytesPerValue * numTokens * (layers + head)
}

/**
 * At its most, in the feed-forward part: the gradients of gate and up, and with recomputing the gradient of their product and of what
 * goes into the layer too, since what was just made again stays until the layer is done.
 */
function backwardBytes(recipe: Recipe, shape: ModelShape, stage: StagePlanSizes, layout: MemoryLayout): number {
  const { width, feedForwardWidth } = shape
  const values = recipe.objective.useRecompute ? 3 * feedForwardWidth + 2 * width : 2 * feedForwardWidth
  return layout.bytesPerValue * microBatchTokens(recipe, stage, layout.numDevices) * values
}

/** Values of a token that a layer's ops save: see `saved` in lib/ops. */
function layerValues({ family, width, feedForwardWidth, numHeads, numKvHeads, headSize }: ModelShape): number {
  const norms = 2 * (2 * width + 1) // input and output, inverse rms
  const attention = 2 * numHeads * headSize + 2 * numKvHeads * headSize + numHeads // q, o, k, v, log-sum-exp
  const headNorms = familyOf({ family }).hasQkNorms ? (numHeads + numKvHeads) * (headSize + 1) : 0
  return norms + attention + headNorms + 3 * feedForwardWidth // gate, up, and their product
}
