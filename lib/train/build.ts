// From a recipe to the parts of a run: model, tokenizer, problems, schedule.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type ProblemSource, shuffledRows } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import { readRows } from '../data/rows.js'
import { digitRecurrenceTokenizer } from '../data/synthetic/digit-recurrence.js'
import { digitRecurrenceSource, type SyntheticSource } from '../data/synthetic/digit-recurrence-source.js'
import { RecipeError, UnsupportedError } from '../errors.js'
import { createModel } from '../models/create.js'
import type { Decoder } from '../models/decoder.js'
import { loadDecoder } from '../models/load.js'
import { Tokenizer } from '../tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../tokenizer/word-level.js'
import type { LoadedRecipe, Recipe } from './recipe/recipe.js'

export interface RunData {
  train: ProblemSource
  heldOut: readonly Row[]
  /** Present where the problems come from a generator, which can also work them out. */
  synthetic: SyntheticSource | undefined
}

export async function buildData({ recipe, folder, file }: LoadedRecipe): Promise<RunData> {
  const { data, seed, evaluation } = recipe
  if (data.synthetic) {
    const synthetic = digitRecurrenceSource(data.synthetic, { seed })
    return { train: synthetic, heldOut: synthetic.heldOutRows(evaluation.numProblems), synthetic }
  }
  if (recipe.distill)
    throw new RecipeError({ file, key: 'distill' }, 'distill needs worked solutions: expected data.synthetic')
  const rows = await readRows(resolve(folder, data.train as string))
  const heldOut = data.heldOut ? await readRows(resolve(folder, data.heldOut)) : []
  return {
    train: shuffledRows(rows, { seed }),
    heldOut: heldOut.slice(0, evaluation.numProblems),
    synthetic: undefined,
  }
}

export async function buildTokenizer({ recipe, folder, file }: LoadedRecipe): Promise<Tokenizer> {
  const source = recipe.model.tokenizer ?? recipe.model.path
  if (source !== undefined) return Tokenizer.load(resolve(folder, source))
  if (!recipe.data.synthetic)
    throw new RecipeError({ file, key: 'model' }, 'missing key model.tokenizer: a model made from nothing needs one')
  const temporary = await mkdtemp(join(tmpdir(), 'lengthen-tokenizer-'))
  try {
    await writeWordLevelTokenizer(temporary, digitRecurrenceTokenizer())
    return await Tokenizer.load(temporary)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

export async function buildModel({ recipe, folder }: LoadedRecipe, tokenizer: Tokenizer): Promise<Decoder> {
  const { device, dtype, seed } = recipe
  if (dtype !== 'f32') throw new UnsupportedError(`[recipe] this version trains in f32, got dtype ${dtype}`)
  if (recipe.model.path !== undefined) return loadDecoder(resolve(folder, recipe.model.path), { dtype, device })
  const create = recipe.model.create as NonNullable<Recipe['model']['create']>
  return createModel(
    {
      vocabularySize: tokenizer.vocabSize,
      width: create.hiddenSize,
      feedForwardWidth: create.intermediateSize,
      numLayers: create.numLayers,
      numHeads: create.numHeads,
      numKvHeads: create.numKeyValueHeads,
      headSize: create.hiddenSize / create.numHeads,
      maxPositions: create.maxPositions,
      normEpsilon: create.rmsNormEpsilon,
      ropeTheta: create.ropeTheta,
      isHeadTied: create.tieEmbeddings,
      initializerRange: create.initializerRange,
    },
    { seed, device, residualScale: create.residualScale },
  )
}
