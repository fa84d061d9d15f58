// From a supervised recipe to what a run needs before its model: the tokenizer, the model's sizes, and the examples.

import type { ChatExample } from '../../data/chat/example.js'
import { type ExampleSet, readChatExamples } from '../../data/chat/read-examples.js'
import { ArgumentError, RecipeError } from '../../errors.js'
import type { DecoderConfig } from '../../models/decoder-config.js'
import { RandomStream } from '../../random.js'
import { Tokenizer } from '../../tokenizer/tokenizer.js'
import { configIn, createdConfig } from '../model-config.js'
import { identified } from '../read-sets.js'
import { type DataSetSection, sourceOf } from '../recipe/data-set.js'
import { requireShape, requireSupported } from '../requirements.js'
import type { LoadedSftRecipe } from './recipe/load.js'
import type { SftRecipe } from './recipe/schema.js'

export interface SftData {
  train: ExampleSet
  /** Of data.heldOut; examples that were taken from train for it are counted there. */
  heldOut: Pick<ExampleSet, 'examples' | 'numDropped' | 'numCut'>
  /** The recipe's, with the hash of each data set that was read. */
  section: SftRecipe['data']
  /** Rows that were passed over, as the recipe allows: each with its place and what is wrong with it. */
  badRows: string[]
}

export interface Prepared {
  tokenizer: Tokenizer
  config: DecoderConfig
  data: SftData
}

export async function prepareSft(loaded: LoadedSftRecipe, signal?: AbortSignal): Promise<Prepared> {
  requireSupported(loaded)
  const { model } = loaded.recipe
  const tokenizer = await Tokenizer.load((model.tokenizer ?? model.path) as string)
  const config = await configOf(loaded, tokenizer)
  requireShape(config, loaded)
  return { tokenizer, config, data: await readData(loaded, { tokenizer, config, signal }) }
}

async function configOf({ recipe: { model }, file }: LoadedSftRecipe, tokenizer: Tokenizer): Promise<DecoderConfig> {
  if (model.create) return createdConfig(model.create, tokenizer.vocabSize)
  const config = await configIn(model.path as string)
  if (config) return config
  throw new RecipeError(
    { file, key: 'model.path' },
    `expected a config.json in model.path, found none at ${model.path}`,
  )
}

interface Reading {
  tokenizer: Tokenizer
  config: DecoderConfig
  signal: AbortSignal | undefined
}

async function readData({ recipe, file }: LoadedSftRecipe, reading: Reading): Promise<SftData> {
  const { data, seed } = recipe
  const badRows: string[] = []
  const read = (set: DataSetSection) => readSet(set, recipe, { ...reading, badRows })
  const train = await read(data.train)
  const section = { ...data, train: await identified(data.train) }
  if (data.heldOut !== undefined) {
    const heldOut = await read(data.heldOut)
    return { train, heldOut, section: { ...section, heldOut: await identified(data.heldOut) }, badRows }
  }
  const { heldOutExamples = 0 } = data
  if (heldOutExamples >= train.examples.length)
    throw new RecipeError(
      { file, key: 'data.heldOutExamples' },
      `expected fewer than the ${train.examples.length} examples of data.train for data.heldOutExamples, got ${heldOutExamples}`,
    )
  const { learned, heldOut } = apart(train.examples, { numHeldOut: heldOutExamples, seed })
  return {
    train: { ...train, examples: learned },
    heldOut: { examples: heldOut, numDropped: 0, numCut: 0 },
    section,
    badRows,
  }
}

function readSet(
  set: DataSetSection,
  { data }: SftRecipe,
  { tokenizer, config, signal, badRows }: Reading & { badRows: string[] },
): Promise<ExampleSet> {
  const { prompt: turn, system, answers, tooLong } = data
  // The last token is predicted and goes through no position.
  const maxTokens = Math.min(data.maxTokens ?? Number.POSITIVE_INFINITY, config.maxPositions + 1)
  const onBadRow = ({ message }: Error) => void badRows.push(message)
  return readChatExamples(sourceOf(set, { ...data, answerAfter: undefined }), {
    ...{ tokenizer, turn, system, answers, maxTokens, tooLong, signal, onBadRow },
  })
}

/** So many examples drawn by the seed, and the others, both in the data's order. */
export function apart(
  examples: readonly ChatExample[],
  { numHeldOut, seed }: { numHeldOut: number; seed: number },
): { learned: ChatExample[]; heldOut: ChatExample[] } {
  if (numHeldOut > examples.length)
    throw new ArgumentError(`[sft] expected at most ${examples.length} for numHeldOut, got ${numHeldOut}`)
  const order = new RandomStream(seed, 'held-out examples').shuffle(examples.map((_, index) => index))
  const isHeldOut = new Set(order.slice(0, numHeldOut))
  return {
    learned: examples.filter((_, index) => !isHeldOut.has(index)),
    heldOut: examples.filter((_, index) => isHeldOut.has(index)),
  }
}
