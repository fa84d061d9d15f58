// The memory of a run by part, in float32: pure arithmetic on the recipe, the model's shape and the stages' plans.
import { familyOf } from '../../models/families/index.js'
import { KvCache } from '../../models/kv-cache.js'
import { engineDefaults, wantedBlocks } from '../../rollout/cache-size.js'
import { numBlocksAtMost } from '../../rollout/scheduler.js'
import { type ModelShape, numParameters, products } from '../model-shape.js'
import { evaluationLimit } from '../recipe/limits.js'
import type { Recipe } from '../recipe/recipe.js'
import type { StagePlan } from './plan.js'

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

const kFloat = Float32Array.BYTES_PER_ELEMENT
const kPanel = 32 // columns of a packed panel: cpp/ops/packed_weight.h

export function memoryPlan(recipe: Recipe, shape: ModelShape, stages: readonly StagePlan[]): MemoryPlan {
  const weights = kFloat * numParameters(shape)
  const packing = recipe.device === 'cpu' ? packedBytes(shape) : { forward: 0, gradient: 0 }
  const packedCopies = packing.forward + packing.gradient
  const gradients = weights
  const moments = 2 * weights
  const reference = stages.some(({ klWeight }) => klWeight > 0) ? weights + packing.forward : 0
  const kvCache = Math.max(...stages.map((stage) => kvBytes(recipe, shape, stage)), evaluationKvBytes(recipe, shape))
  const activations = Math.max(...stages.map((stage) => activationBytes(recipe, shape, stage)))
  const always = weights + packedCopies + moments + reference
  const peak = always + Math.max(kvCache, gradients + activations)
  return { weights, packedCopies, gradients, moments, reference, kvCache, activations, peak }
}

function packedBytes(shape: ModelShape): { forward: number; gradient: number } {
  const padded = (columns: number) => Math.ceil(columns / kPanel) * kPanel
  const sum = (floatsOf: (product: { out: number; in: number }) => number) =>
    kFloat * products(shape).reduce((total, product) => total + product.count * floatsOf(product), 0)
  // The head's gradient reads the same copy as its forward: token_logprob.
  const ofHead = kFloat * padded(shape.width) * shape.vocabularySize
  return { forward: sum((p) => padded(p.out) * p.in), gradient: sum((p) => padded(p.in) * p.out) - ofHead }
}

interface Sampling {
  numSequences: number
  maxResponseTokens: number
}

const kvBytes = (recipe: Recipe, shape: ModelShape, stage: StagePlan): number =>
  cacheBytes(recipe, shape, { ...stage, numSequences: stage.promptsPerStep * stage.numAnswers })

function evaluationKvBytes(recipe: Recipe, shape: ModelShape): number {
  const { numProblems, samplesPerProblem } = recipe.evaluation
  const numSets = Object.keys(recipe.data.heldOutSets ?? { one: '' }).length
  const maxResponseTokens = evaluationLimit(recipe)
  return cacheBytes(recipe, shape, { numSequences: numSets * numProblems * samplesPerProblem, maxResponseTokens })
}

/** As the rollout engine takes it: whole blocks, at most so many sequences at once, within its limit. */
function cacheBytes({ rollout }: Recipe, shape: ModelShape, { numSequences, maxResponseTokens }: Sampling): number {
  const { blockSize, maxBatch } = engineDefaults
  const bytesPerBlock = KvCache.bytesPerBlock(shape, blockSize)
  const blocksOfOne = numBlocksAtMost(rollout.maxPromptTokens, maxResponseTokens, blockSize)
  const affordable = Math.floor(rollout.cacheBytes / bytesPerBlock)
  return Math.min(wantedBlocks({ numSequences, maxBatch, blocksOfOne }), affordable) * bytesPerBlock
}

function activationBytes({ objective, rollout }: Recipe, shape: ModelShape, stage: StagePlan): number {
  const { promptsPerStep, numAnswers, maxResponseTokens } = stage
  const longest = rollout.maxPromptTokens + maxResponseTokens
  const promptsPerUpdate = Math.ceil(promptsPerStep / Math.min(objective.miniBatches, promptsPerStep))
  // A micro-batch never has more than its mini-batch.
  const mostOfUpdate = promptsPerUpdate * numAnswers * longest
  const numTokens = Math.max(longest, Math.min(objective.tokensPerMicroBatch, mostOfUpdate))
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
