// What a supervised recipe asks for, counted without a step being made: it reads the data and the tokenizer, but no weights.
import { numInputTokensOf, numLearnedTokensOf } from '../../data/chat/example.js'
import { numParameters } from '../model-shape.js'
import { requireLoaded } from '../recipe/loaded.js'
import { BatchOrder } from './batch-order.js'
import { batchOf } from './build.js'
import { type Prepared, prepareSft } from './prepare.js'
import type { LoadedSftRecipe } from './recipe/load.js'
import type { SftRecipe } from './recipe/schema.js'

/** What a supervised run would do. */
export interface SftPlan {
  /** Tells it from the events of a run. */
  type: 'plan'
  /** The recipe's name. */
  recipe: string
  /** Where the model would live: cpu, cuda or `cuda:N`. */
  device: string
  /** Of the model, adapters not counted. */
  numParameters: number
  /** Examples that are learned from. */
  train: SetPlan
  /** Those that the loss is measured on; null where there are none. */
  heldOut: SetPlan | null
  /** Rows passed over as data.maxBadRows allows, of both sets. */
  numBadRows: number
  /** As the recipe says; maxSteps may end the run before they are over. */
  epochs: number
  /** Updates of the whole run, unless patience ends it before. */
  numSteps: number
  /** Steps between two measurements of the held-out loss; null: only before the first and at the end. */
  evaluateEverySteps: number | null
  /** Input tokens of an update, on average. */
  meanTokensPerStep: number
  /** Input tokens of the largest update. */
  maxTokensPerStep: number
  /** Input tokens of all updates together. */
  numTokens: number
}

/** A set of examples in numbers. */
export interface SetPlan {
  /** That are used: those left out are not among them. */
  numExamples: number
  /** Input tokens of all of them: of each example all but the last. */
  numTokens: number
  /** Tokens of answers. */
  numLearnedTokens: number
  /** Input tokens of an example, on average. */
  meanTokens: number
  /** Input tokens of the longest example. */
  maxTokens: number
  /** Longer than data.maxTokens and left out, and those that had no answer left when they were cut. */
  numDropped: number
  /** Longer than data.maxTokens and cut. */
  numCut: number
}

/**
 * Counts what a supervised recipe asks for, without a step: it reads the data, the tokenizer and the model's config.json, but no weights.
 * @throws {@link UnsupportedError} where this build does not have the device or the dtype.
 * @throws {@link RecipeError} where the model is not of model.shape, has no config.json, or too many examples are to be held out.
 * @throws {@link FileFormatError} where data cannot be read, is not of its sha256, or an example is too long and tooLong is error.
 */
export async function planSft(loaded: LoadedSftRecipe): Promise<SftPlan> {
  requireLoaded('plan', loaded)
  return planOf(loaded.recipe, await prepareSft(loaded))
}

function planOf(recipe: SftRecipe, { config, data }: Prepared): SftPlan {
  const steps = tokensOfSteps(recipe, data.train.examples.map(numInputTokensOf))
  const numTokens = steps.reduce((sum, tokens) => sum + tokens, 0)
  return {
    ...{ type: 'plan', recipe: recipe.name, device: recipe.device, numParameters: numParameters(config) },
    train: setPlan(data.train),
    heldOut: data.heldOut.examples.length > 0 ? setPlan(data.heldOut) : null,
    ...{ numBadRows: data.badRows.length, epochs: recipe.training.epochs, numSteps: steps.length },
    evaluateEverySteps: recipe.evaluation.everySteps ?? null,
    ...{ meanTokensPerStep: numTokens / steps.length, maxTokensPerStep: largest(steps), numTokens },
  }
}

function tokensOfSteps({ seed, training }: SftRecipe, lengths: readonly number[]): number[] {
  const { epochs, maxSteps = Number.POSITIVE_INFINITY } = training
  const order = new BatchOrder(lengths, { seed, epochs, batch: batchOf(training) })
  return Array.from({ length: Math.min(order.numSteps, maxSteps) }, (_, step) =>
    order.at(step).indices.reduce((sum, index) => sum + (lengths[index] as number), 0),
  )
}

function setPlan({ examples, numDropped, numCut }: Prepared['data']['heldOut']): SetPlan {
  const lengths = examples.map(numInputTokensOf)
  const numTokens = lengths.reduce((sum, length) => sum + length, 0)
  return {
    ...{ numExamples: examples.length, numTokens },
    numLearnedTokens: examples.reduce((sum, example) => sum + numLearnedTokensOf(example), 0),
    ...{ meanTokens: numTokens / examples.length, maxTokens: largest(lengths), numDropped, numCut },
  }
}

/** Of as many numbers as there may be examples: too many to be arguments. */
const largest = (numbers: readonly number[]): number => numbers.reduce((most, number) => Math.max(most, number), 0)
