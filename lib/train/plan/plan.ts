// What a recipe asks for, before anything runs: the tokens of a step of each stage, and the memory by part. Pure arithmetic
// on the recipe and the model's shape, in float32.
import type { LearningRateSchedule } from '../../optim/learning-rate.js'
import type { Back, OnPlateau, Until } from '../../schedule/context-schedule.js'
import { type ModelShape, numParameters } from '../model-shape.js'
import type { Recipe } from '../recipe/recipe.js'
import { settingsOf } from '../stage-settings.js'
import { layoutOf, type MemoryLayout } from './layout.js'
import { evaluationMemory, type MemoryPlan, stageMemory, worstMemory } from './memory.js'

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
  back: Back | null
  onPlateau: OnPlateau | null
  /** At the peak of its steps. */
  memory: MemoryPlan
}

export interface Plan {
  recipe: string
  device: string
  numParameters: number
  stages: StagePlan[]
  /** While the held-out problems are answered. */
  evaluationMemory: MemoryPlan
  /** The most of every part. */
  memory: MemoryPlan
}

export function planOf(recipe: Recipe, shape: ModelShape, layouts: readonly MemoryLayout[] = []): Plan {
  const { name, device, schedule } = recipe
  const layoutAt = (i: number) => layouts[Math.min(i, layouts.length - 1)] ?? layoutOf(device)
  const stages = schedule.stages.map((stage, i) => stagePlan(recipe, stage, { shape, layout: layoutAt(i) }))
  const evaluation = evaluationMemory(recipe, shape, layoutAt(stages.length - 1))
  return {
    recipe: name,
    device,
    numParameters: numParameters(shape),
    stages,
    evaluationMemory: evaluation,
    memory: worstMemory([...stages.map(({ memory }) => memory), evaluation]),
  }
}

function stagePlan(
  recipe: Recipe,
  stage: Recipe['schedule']['stages'][number],
  { shape, layout }: { shape: ModelShape; layout: MemoryLayout },
): StagePlan {
  const { rollout, objective, optimizer } = recipe
  const { numAnswers, learningRateSchedule, ...settings } = settingsOf(stage, {
    ...rollout,
    ...objective,
    ...optimizer,
  })
  const { promptsPerStep, maxPromptTokens } = rollout
  const answersPerStep = promptsPerStep * numAnswers
  const { maxResponseTokens } = stage
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
    back: stage.back ?? null,
    onPlateau: stage.onPlateau ?? null,
    memory: stageMemory(
      recipe,
      shape,
      { promptsPerStep, numAnswers, maxResponseTokens, klWeight: settings.klWeight },
      layout,
    ),
  }
}
