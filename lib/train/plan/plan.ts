// What a recipe asks for, before anything runs: the tokens of a step of each stage, and the memory by part. Pure arithmetic
// on the recipe and the model's shape, in float32.

import { requireObjects } from '../../arguments.js'
import type { LearningRateSchedule } from '../../optim/learning-rate.js'
import type { Back, OnPlateau, Until } from '../../schedule/context-schedule.js'
import { type ModelShape, numParameters } from '../model-shape.js'
import type { Recipe } from '../recipe/recipe.js'
import { settingsOf } from '../stage-settings.js'
import { layoutOf, type MemoryLayout } from './layout.js'
import { evaluationMemory, type MemoryPlan, stageMemory, worstMemory } from './memory.js'

/** What a stage asks for: its own settings, with the recipe's for those that it does not have. */
export interface StagePlan {
  /** Steps that end it, until.steps; null: no number of steps does. */
  maxSteps: number | null
  /** The longest answer, in tokens. */
  maxResponseTokens: number
  /** Groups that a step learns from. */
  promptsPerStep: number
  /** Answers to a prompt. */
  numAnswers: number
  /** Tokens of a step's answers, all at the limit; of one round, where dynamic sampling may take several. */
  maxAnswerTokensPerStep: number
  /** Prompts included, at most: what goes through the model in each pass of the update. */
  maxTokensPerStep: number
  /** Updates of the weights: mini-batches times passes. One that has nothing to learn from is left out. */
  updatesPerStep: number
  /** At its peak, before its schedule. */
  learningRate: number
  /** How it moves; null: constant. */
  learningRateSchedule: LearningRateSchedule | null
  /** Of sampling. */
  temperature: number
  /** Ratios are clipped below 1 − clipLow. */
  clipLow: number
  /** Ratios are clipped above 1 + clipHigh; Infinity: none are. */
  clipHigh: number
  /** Of the KL term; 0: none. */
  klWeight: number
  /** Of the KL term a token; see GrpoTrainerOptions.klEstimator. */
  klEstimator: 'k1' | 'k2' | 'k3'
  /** Of the entropy bonus; 0: none. */
  entropyWeight: number
  /** What begins anew with the stage; empty: nothing. */
  reset: readonly string[]
  /** What ends it; null: nothing does. */
  until: Until | null
  /** What sends the run back to the stage before; null: nothing does. */
  back: Back | null
  /** What begins anew within it when the reward no longer rises; null: nothing does. */
  onPlateau: OnPlateau | null
  /** At the peak of its steps. */
  memory: MemoryPlan
}

/** What a recipe asks for: its stages, and the memory that they take. */
export interface Plan {
  /** The recipe's name. */
  recipe: string
  /** The recipe's. */
  device: string
  /** Of the model, without adapters; a tied head counts once. */
  numParameters: number
  /** In the order of the schedule. */
  stages: StagePlan[]
  /** While the held-out problems are answered. */
  evaluationMemory: MemoryPlan
  /** The most of every part. */
  memory: MemoryPlan
}

/**
 * Plans a recipe for a model of this shape. `layouts` says how tensors lie in memory in each stage, the last for those that follow; as on
 * this machine where left out. Arithmetic alone: reads no file, and does not ask whether anything fits.
 */
export function planOf(recipe: Recipe, shape: ModelShape, layouts: readonly MemoryLayout[] = []): Plan {
  requireObjects('plan', { recipe, shape })
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
