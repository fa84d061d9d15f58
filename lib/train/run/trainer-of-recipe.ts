// A recipe's sections in the terms of a trainer.
import type { Decoder } from '../../models/decoder.js'
import { AdamW } from '../../optim/adamw.js'
import type { Reward } from '../../reward/reward.js'
import { RolloutEngine } from '../../rollout/engine.js'
import { contextSchedule } from '../../schedule/context-schedule.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import { adamwOptions } from '../adamw-options.js'
import type { RunData } from '../build.js'
import type { RunKeeper } from '../checkpoint/run-keeper.js'
import { GrpoTrainer } from '../grpo-trainer.js'
import { makeGuard } from '../guard/index.js'
import { momentFormatsOf } from '../moment-formats.js'
import type { Recipe } from '../recipe/recipe.js'

export interface TrainerParts {
  recipe: Recipe
  data: RunData
  model: Decoder
  tokenizer: Tokenizer
  reward: Reward
  /** Nothing is written without. */
  keeper?: RunKeeper | undefined
  engine?: RolloutEngine | undefined
}

export interface RecipeTrainer {
  trainer: GrpoTrainer
  /** The caller disposes of it. */
  optimizer: AdamW
}

/** What a model trains: of one with adapters, those. */
export const trainedParameters = (model: Decoder) => model.parameters().filter(({ requiresGrad }) => requiresGrad)

export const engineOfRecipe = ({ model, tokenizer, recipe }: TrainerParts): RolloutEngine =>
  new RolloutEngine(model, tokenizer, { cacheBytes: recipe.rollout.cacheBytes })

export function trainerOfRecipe(parts: TrainerParts): RecipeTrainer {
  const { recipe, data, model, tokenizer, reward, keeper, engine = engineOfRecipe(parts) } = parts
  const moments = momentFormatsOf(model, recipe.optimizer.moments)
  const optimizer = new AdamW(trainedParameters(model), { ...adamwOptions(recipe.optimizer), moments })
  const { cacheBytes: _, ...sampling } = recipe.rollout
  const { deadlineMs: rewardDeadlineMs, maxMissingShare, overlongPenalty } = recipe.reward
  const trainer = new GrpoTrainer({
    ...{ model, tokenizer, optimizer, reward, engine, out: keeper, seed: recipe.seed },
    ...sampling,
    ...recipe.objective,
    ...{ rewardDeadlineMs, maxMissingShare, overlongPenalty },
    learningRateSchedule: recipe.optimizer.learningRateSchedule,
    data: data.train,
    turn: recipe.data.prompt,
    guard: makeGuard(recipe.guard),
    schedule: contextSchedule(recipe.schedule.stages, { maxSteps: recipe.schedule.maxSteps }),
  })
  return { trainer, optimizer }
}
