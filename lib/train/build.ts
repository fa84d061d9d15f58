// From a recipe to the parts of a run: model, tokenizer, problems, schedule.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProblemSource } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import { digitRecurrenceTokenizer } from '../data/synthetic/digit-recurrence.js'
import { digitRecurrenceSource, type SyntheticSource } from '../data/synthetic/digit-recurrence-source.js'
import { withTemporary } from '../io/temporary.js'
import { createModel } from '../models/create.js'
import type { Decoder } from '../models/decoder.js'
import { loadDecoder } from '../models/load.js'
import { Tokenizer } from '../tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../tokenizer/word-level.js'
import { requireStagePassRates, rowsByDifficulty } from './difficult-rows.js'
import { type HeldOut, readHeldOut } from './held-out.js'
import { configIn, createdConfig } from './model-config.js'
import { readSet } from './read-sets.js'
import { type DataSetSection, sourceOf } from './recipe/data-set.js'
import type { LoadedRecipe, Recipe } from './recipe/recipe.js'
import { requireFit, requireSupported } from './requirements.js'

export interface RunData {
  train: ProblemSource
  heldOut: HeldOut
  /** All rows there are, to be checked before the run; of a generator only the held-out ones. */
  rows: readonly Row[]
  /** Present where the problems come from a generator, which can also work them out. */
  synthetic: SyntheticSource | undefined
  /** The recipe's, with the hash of each data set that was read. */
  section: Recipe['data']
  /** Rows that were passed over, as the recipe allows: each with its place and what is wrong with it. */
  badRows: string[]
}

export async function buildData({ recipe }: LoadedRecipe): Promise<RunData> {
  const { data, seed, evaluation } = recipe
  if (data.synthetic) {
    const synthetic = digitRecurrenceSource(data.synthetic, { seed })
    const heldOut = synthetic.heldOutRows(evaluation.numProblems)
    return {
      train: synthetic,
      heldOut: { rows: heldOut, sets: [] },
      rows: heldOut,
      synthetic,
      section: data,
      badRows: [],
    }
  }
  const train = await readSet(data.train as DataSetSection, data, { atLeast: 1 })
  const file = sourceOf(data.train as DataSetSection, data).path
  const source = rowsByDifficulty(train.numbered, { difficulty: data.difficulty, seed, file })
  requireStagePassRates(train.numbered, recipe.schedule.stages)
  const { heldOut, section, badRows } = await readHeldOut(data, { numProblems: evaluation.numProblems })
  return {
    train: source,
    heldOut,
    rows: [...source.rows, ...heldOut.rows],
    synthetic: undefined,
    section: { ...data, train: train.section, ...section },
    badRows: [...train.badRows, ...badRows],
  }
}

export async function buildTokenizer({ recipe }: LoadedRecipe): Promise<Tokenizer> {
  const folder = recipe.model.tokenizer ?? recipe.model.path
  if (folder !== undefined) return Tokenizer.load(folder)
  const temporary = await mkdtemp(join(tmpdir(), 'lengthen-tokenizer-'))
  return withTemporary(temporary, async () => {
    await writeWordLevelTokenizer(temporary, digitRecurrenceTokenizer())
    const tokenizer = await Tokenizer.load(temporary)
    await rm(temporary, { recursive: true, force: true })
    return tokenizer
  })
}

export async function buildModel(loaded: LoadedRecipe, tokenizer: Tokenizer): Promise<Decoder> {
  const { device, dtype, seed } = loaded.recipe
  requireSupported(loaded)
  const { path, create } = loaded.recipe.model
  if (create) {
    const { residualScale } = create
    return createModel(createdConfig(create, tokenizer.vocabSize), { seed, device, residualScale })
  }
  const config = await configIn(path as string)
  if (config) requireFit(config, loaded)
  return loadDecoder(path as string, { dtype, device })
}
