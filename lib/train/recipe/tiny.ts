// --tiny: a recipe shrunk to a model of some thousand weights and problems of a few tokens, so that each of its stages runs in about a
// second, without the files that it names. What makes it the recipe that it is stays in force: objective, sampling, adapters, selections,
// resets, penalties, control of entropy; only its measures are smaller, in proportion. What is learned means nothing.
import { loraTargets } from '../../models/lora/config.js'
import { neededPositions } from './limits.js'
import { type LoadedRecipe, loadRecipe, type Recipe, type RecipeOptions } from './recipe.js'
import { tinyCurriculum, tinyData, tinyPromptTokens } from './tiny/data.js'
import { longestTokens, type Scale, scaleOf } from './tiny/scale.js'
import { tinyRateSchedule, tinySchedule } from './tiny/stages.js'

/** Reads a recipe and shrinks it; what `set` says is shrunk with it. Its model and its data may be missing. */
export async function loadTinyRecipe(
  file: string,
  options: Omit<RecipeOptions, 'mayLackFiles'> = {},
): Promise<LoadedRecipe> {
  const loaded = await loadRecipe(file, { ...options, mayLackFiles: true })
  return { ...loaded, recipe: tinyRecipe(loaded.recipe) }
}

/** At least three steps, and one in every stage. Its name ends with -tiny. Pure. */
export function tinyRecipe(recipe: Recipe): Recipe {
  const scale = scaleOf(recipe)
  const { data, distill, optimizer } = recipe
  const { learningRateSchedule: rates, learningRate } = optimizer
  const tiny: Recipe = {
    ...recipe,
    name: `${recipe.name}-tiny`,
    data: tinyData(data),
    ...(distill && { distill: tinyDistill(distill) }),
    rollout: tinyRollout(recipe, scale),
    optimizer: {
      ...optimizer,
      learningRate: scale.rate(learningRate),
      ...(rates && { learningRateSchedule: tinyRateSchedule(rates, scale) }),
    },
    schedule: tinySchedule(recipe.schedule, scale),
    evaluation: tinyEvaluation(recipe.evaluation, scale),
    reward: tinyReward(recipe, scale),
    checkpoint: { ...recipe.checkpoint, everySteps: Math.min(recipe.checkpoint.everySteps, 2) },
  }
  const objective = tinyObjective(recipe, tiny)
  return { ...tiny, objective, model: tinyModel(recipe.model, neededPositions(tiny).needed) }
}

const mostUpdates = 4

function tinyRollout({ rollout, objective }: Recipe, scale: Scale): Recipe['rollout'] {
  const { promptsPerStep, numAnswers, dynamicSampling } = rollout
  return {
    ...rollout,
    promptsPerStep: Math.min(promptsPerStep, 2 * Math.max(3, Math.min(objective.miniBatches, mostUpdates))),
    numAnswers: scale.answers(numAnswers),
    maxPromptTokens: tinyPromptTokens,
    ...(dynamicSampling && { dynamicSampling: { maxRounds: Math.min(dynamicSampling.maxRounds, 4) } }),
    cacheBytes: 4_000_000,
  }
}

/**
 * An update still has several micro-batches; the entropy, measured by few samples, is still below its target, where that of a
 * large model would be.
 */
function tinyObjective({ objective }: Recipe, tiny: Recipe): Recipe['objective'] {
  const { miniBatches, passes, adaptiveEntropy } = objective
  const longest = tinyPromptTokens + Math.max(...tiny.schedule.stages.map((stage) => stage.maxResponseTokens))
  return {
    ...objective,
    miniBatches: Math.min(miniBatches, mostUpdates),
    passes: Math.min(passes, 2),
    tokensPerMicroBatch: 4 * longest,
    ...(adaptiveEntropy && { adaptiveEntropy: { ...adaptiveEntropy, target: 1.5 * untaughtEntropy } }),
  }
}

/** ln 16, that of even odds over the vocabulary: an untaught model is a little below. */
const untaughtEntropy = Math.log(16)

const largestRank = 8

/** A folder of adapters becomes new ones. */
function tinyModel(
  { shape, create, lora, adapter, baseDtype }: Recipe['model'],
  maxPositions: number,
): Recipe['model'] {
  const rank = Math.min(lora?.rank ?? largestRank, largestRank)
  const added = { targets: [...loraTargets], dropout: 0, useRankStabilization: false, merge: false }
  const adapters = lora
    ? { ...lora, rank, alpha: (lora.alpha * rank) / lora.rank }
    : { ...added, rank, alpha: 2 * rank }
  return {
    create: {
      family: shape?.family ?? create?.family ?? 'qwen2',
      ...{ hiddenSize: 32, intermediateSize: 64, numLayers: 2, numHeads: 4, numKeyValueHeads: 2, maxPositions },
      ...{ ropeTheta: 10_000, rmsNormEpsilon: 1e-6, initializerRange: 0.02, residualScale: 1 },
      tieEmbeddings: shape?.tieEmbeddings ?? create?.tieEmbeddings ?? true,
    },
    ...((lora || adapter !== undefined) && { lora: adapters }),
    baseDtype,
  }
}

function tinyDistill(distill: NonNullable<Recipe['distill']>): NonNullable<Recipe['distill']> {
  const { batchSize, warmupSteps, cooldownSteps, until, curriculum } = distill
  return {
    ...distill,
    maxSteps: 6,
    batchSize: Math.min(batchSize, 8),
    warmupSteps: Math.min(warmupSteps, 1),
    cooldownSteps: Math.min(cooldownSteps, 1),
    ...(until && { until: { ...until, overSteps: Math.min(until.overSteps, 2) } }),
    ...(curriculum && { curriculum: { ...tinyCurriculum, overSteps: 3 } }),
  }
}

function tinyEvaluation(evaluation: Recipe['evaluation'], scale: Scale): Recipe['evaluation'] {
  const { samplesPerProblem, maxResponseTokens } = evaluation
  return {
    ...evaluation,
    numProblems: 4,
    samplesPerProblem: Math.min(samplesPerProblem, 2),
    ...(maxResponseTokens !== undefined && {
      maxResponseTokens: Math.min(scale.tokens(maxResponseTokens), 2 * longestTokens),
    }),
  }
}

/** The buffer stays shorter than every stage. */
function tinyReward({ reward, schedule }: Recipe, scale: Scale): Recipe['reward'] {
  const { overlongPenalty } = reward
  if (!overlongPenalty) return reward
  const shortest = Math.min(...schedule.stages.map(({ maxResponseTokens }) => scale.tokens(maxResponseTokens)))
  const bufferTokens = Math.min(scale.tokens(overlongPenalty.bufferTokens), shortest - 1)
  return { ...reward, overlongPenalty: { ...overlongPenalty, bufferTokens } }
}
