// What a supervised recipe asks for, counted without a step being made: it reads the data and the tokenizer, but no weights.
import { numInputTokensOf, numLearnedTokensOf } from '../../data/chat/example.js'
import { numParameters } from '../model-shape.js'
import { BatchOrder } from './batch-order.js'
import { batchOf } from './build.js'
import { type Prepared, prepareSft } from './prepare.js'
import type { LoadedSftRecipe } from './recipe/load.js'
import type { SftRecipe } from './recipe/schema.js'

export interface SftPlan {
  type: 'plan'
  recipe: string
  device: string
  /** Of the model, adapters not counted. */
  numParameters: number
  train: SetPlan
  heldOut: SetPlan | null
  /** Rows passed over as data.maxBadRows allows, of both sets. */
  numBadRows: number
  epochs: number
  numSteps: number
  /** Steps between two measurements of the held-out loss; null: only before the first and at the end. */
  evaluateEverySteps: number | null
  /** Of an update, through the model. */
  meanTokensPerStep: number
  /** Of the largest update. */
  maxTokensPerStep: number
  /** Of all updates together. */
  numTokens: number
}

export interface SetPlan {
  numExamples: number
  numTokens: number
  numLearnedTokens: number
  /** Of one example. */
  meanTokens: number
  maxTokens: number
  /** Longer than data.maxTokens and left out. */
  numDropped: number
  numCut: number
}

export async function planSft(loaded: LoadedSftRecipe): Promise<SftPlan> {
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
