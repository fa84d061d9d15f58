// From a recipe to the parts of a run: model, tokenizer, problems, schedule.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProblemSource, SelectableSource } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import type { SyntheticSource } from '../data/synthetic/digit-recurrence-source.js'
import { syntheticSource, syntheticTokenizer } from '../data/synthetic/generators.js'
import { listedRows } from '../data/synthetic/listed-rows.js'
import { withTemporary } from '../io/temporary.js'
import { createModel } from '../models/create.js'
import type { Decoder } from '../models/decoder.js'
import { loadDecoder } from '../models/load.js'
import { loadAdapter } from '../models/lora/adapter-folder.js'
import { applyLora } from '../models/lora/apply.js'
import { Tokenizer } from '../tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../tokenizer/word-level.js'
import { requireStagePassRates, rowsByDifficulty } from './difficult-rows.js'
import { type HeldOut, readHeldOut } from './held-out.js'
import { configIn, createdConfig } from './model-config.js'
import { readSet } from './read-sets.js'
import { type DataSetSection, sourceOf } from './recipe/data-set.js'
import { adapterOptions } from './recipe/lora.js'
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
  if (data.synthetic) return generatedData(recipe, data.synthetic)
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

type SyntheticSection = NonNullable<Recipe['data']['synthetic']>

function generatedData({ data, seed, evaluation }: Recipe, section: SyntheticSection): RunData {
  const synthetic = syntheticSource(section, { seed })
  const heldOut = synthetic.heldOutRows(evaluation.numProblems)
  const { numRows } = section
  const listed = numRows === undefined ? undefined : listedSource(listedRows(synthetic, numRows), { data, seed })
  return {
    train: listed ?? synthetic,
    heldOut: { rows: heldOut, sets: [] },
    rows: [...(listed?.rows ?? []), ...heldOut],
    synthetic,
    section: data,
    badRows: [],
  }
}

function listedSource(rows: readonly Row[], { data, seed }: Pick<Recipe, 'data' | 'seed'>): SelectableSource {
  const file = 'data.synthetic'
  const numbered = rows.map((row) => ({ row, file, place: row.id }))
  return rowsByDifficulty(numbered, { difficulty: data.difficulty, seed, file })
}

export async function buildTokenizer({ recipe }: LoadedRecipe): Promise<Tokenizer> {
  const folder = recipe.model.tokenizer ?? recipe.model.path
  if (folder !== undefined) return Tokenizer.load(folder)
  const temporary = await mkdtemp(join(tmpdir(), 'lengthen-tokenizer-'))
  return withTemporary(temporary, async () => {
    await writeWordLevelTokenizer(temporary, syntheticTokenizer(recipe.data.synthetic?.generator ?? 'digit-recurrence'))
    const tokenizer = await Tokenizer.load(temporary)
    await rm(temporary, { recursive: true, force: true })
    return tokenizer
  })
}

/** The model of the recipe, with its adapters where it has some. */
export async function buildModel(loaded: LoadedRecipe, tokenizer: Tokenizer): Promise<Decoder> {
  const { recipe } = loaded
  const model = await buildBase(loaded, tokenizer)
  try {
    return await withAdapters(model, { ...recipe.model, seed: recipe.seed })
  } catch (error) {
    model.dispose()
    throw error
  }
}

/** Puts on the adapters that a model's section asks for, new ones or a folder's, if any. `seed` is for new ones. */
export async function withAdapters(
  model: Decoder,
  { lora, adapter, seed }: Pick<Recipe['model'], 'lora' | 'adapter'> & { seed: number },
): Promise<Decoder> {
  if (lora) applyLora(model, { ...adapterOptions(lora), seed: lora.seed ?? seed })
  if (adapter !== undefined) await loadAdapter(adapter, { model })
  return model
}

async function buildBase(loaded: LoadedRecipe, tokenizer: Tokenizer): Promise<Decoder> {
  const { device, seed, model } = loaded.recipe
  requireSupported(loaded)
  const { path, create, baseDtype: dtype } = model
  if (create) {
    const { residualScale } = create
    return createModel(createdConfig(create, tokenizer.vocabSize), { seed, dtype, device, residualScale })
  }
  const config = await configIn(path as string)
  if (config) requireFit(config, loaded)
  return loadDecoder(path as string, { dtype, vectorDtype: 'f32', device })
}
