// What a recipe asks for, before anything runs: the tokens of a step of each stage, and the memory by part. Pure arithmetic
// on the recipe and the model's shape, in float32.
import type { LearningRateSchedule } from '../../optim/learning-rate.js'
import type { Until } from '../../schedule/context-schedule.js'
import { type ModelShape, numParameters } from '../model-shape.js'
import type { Recipe } from '../recipe/recipe.js'
import { settingsOf } from '../stage-settings.js'
import { type MemoryPlan, memoryPlan } from './memory.js'

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
  clipLow: number
  clipHigh: number
  klWeight: number
  klEstimator: 'k1' | 'k2' | 'k3'
  entropyWeight: number
  reset: readonly string[]
  /** Null: nothing ends it. */
  until: Until | null
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
  const { numAnswers, learningRateSchedule, ...settings } = settingsOf(stage, {
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
    ...settings,
    learningRateSchedule: learningRateSchedule ?? null,
    reset: stage.reset ?? [],
    until: stage.until ?? null,
  }
}
