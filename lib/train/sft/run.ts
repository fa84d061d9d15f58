// Carries out a supervised recipe, from its beginning or from where an earlier life of the run has left off. Tells everything as
// events; the last one is the summary.

import { checkOptions, type OptionKeys, requireStrings } from '../../arguments.js'
import { numThreads, target } from '../../device.js'
import type { Decoder } from '../../models/decoder.js'
import { packageVersion } from '../../version.js'
import { requireLoaded } from '../recipe/loaded.js'
import { baseWeightsSha256, requireSameBase } from '../run/base-weights.js'
import { requireFree, requireRun } from '../run/run-directory.js'
import { buildSftModel, buildSftOptimizer, buildSftTrainer } from './build.js'
import type { SftEvent } from './events.js'
import { prepareSft, type SftData } from './prepare.js'
import { type LoadedSftRecipe, loadSftRecipe, sftRecipeToYaml } from './recipe/load.js'
import type { SftRecipe } from './recipe/schema.js'
import { SftDirectory } from './sft-directory.js'
import { eitherOf, type SftSignals, type SftTrainer } from './sft-trainer.js'

/** What a new run needs beside its recipe. */
export interface SftRunOptions extends SftSignals {
  /** The run's directory, made here; it must be new or empty. */
  out: string
}

/** How a run is gone on with. */
export interface SftResumeOptions extends SftSignals {
  /** Goes on though the recipe in the run's directory has changed since the checkpoint; each changed key is a warning. False where left out. */
  mayChange?: boolean | undefined
}

/**
 * Runs the recipe to its end, and tells of it as events, the last of which is the summary. What went wrong is thrown; what the directory
 * holds by then stays, and can be resumed. Throws what planSft() throws, too.
 * @throws {@link ArgumentError} where `out` holds files.
 * @throws {@link LossError} where a loss or a gradient is no number.
 */
export async function* runSft(loaded: LoadedSftRecipe, options: SftRunOptions): AsyncGenerator<SftEvent> {
  requireLoaded('run', loaded)
  checkOptions('run', options, runKeys)
  const { out, ...signals } = options
  requireStrings('run', { out })
  await requireFree(out)
  yield* carryOut(loaded, { path: out, isResumed: false, ...signals })
}

/**
 * Goes on with a run in its directory, from its last checkpoint that is whole: it ends with the metrics and the weights of one that was
 * never stopped. Throws what runSft() throws, but for `out`. The directory's recipe.yaml may have changed, with a warning, in how far the
 * run goes, in what is kept, and in where files lie.
 * @param path The run's directory: what runSft() was given as `out`.
 * @throws {@link ArgumentError} where `path` holds no run, or another process works in it.
 * @throws {@link RecipeError} where recipe.yaml has changed in anything else, which is named, unless `mayChange` is true.
 * @throws {@link FileFormatError} where model.path holds other weights than the run began with, or no checkpoint is whole.
 */
export async function* resumeSft(path: string, options: SftResumeOptions = {}): AsyncGenerator<SftEvent> {
  requireStrings('run', { path })
  checkOptions('run', options, resumeKeys)
  yield* carryOut(await loadSftRecipe(await requireRun(path)), { path, isResumed: true, ...options })
}

const runKeys: OptionKeys<SftRunOptions> = { out: true, signal: true, stop: true }

const resumeKeys: OptionKeys<SftResumeOptions> = { mayChange: true, signal: true, stop: true }

interface Course extends SftResumeOptions {
  path: string
  isResumed: boolean
}

async function* carryOut(
  loaded: LoadedSftRecipe,
  { path, isResumed, mayChange, signal, stop }: Course,
): AsyncGenerator<SftEvent> {
  const started = performance.now()
  const { recipe } = loaded
  const either = eitherOf({ signal, stop })
  if (isResumed) await requireSameBase(recipe, path)
  const { tokenizer, config, data } = await prepareSft(loaded, either)
  using model = await buildSftModel(recipe, config)
  using optimizer = buildSftOptimizer(recipe, model)
  either.throwIfAborted()
  const recipeYaml = sftRecipeToYaml({ ...recipe, data: data.section })
  const { keepLast } = recipe.checkpoint
  const out = isResumed
    ? await SftDirectory.reopen(path, { keepLast, recipeYaml, mayChange })
    : await SftDirectory.create(path, { recipeYaml, versions: await versions(recipe) }, { keepLast })
  try {
    const trainer = buildSftTrainer(recipe, { data, model, optimizer, tokenizer, out })
    yield startEvent(recipe, { model, trainer, path, numExamples: data.train.examples.length })
    if (data.badRows.length > 0) yield { type: 'badRows', problems: data.badRows }
    const { numDropped, numCut } = tooLongOf(data)
    if (numDropped + numCut > 0) yield { type: 'tooLong', numDropped, numCut }
    yield* trainer.run({ signal, stop })
    yield summaryOf(trainer, { path, seconds: (performance.now() - started) / 1000 })
  } finally {
    await out.close()
  }
}

function startEvent(
  { name, device }: SftRecipe,
  { model, trainer, path, numExamples }: { model: Decoder; trainer: SftTrainer; path: string; numExamples: number },
): SftEvent {
  const sizes = model.parameters().map(({ numElements, requiresGrad }) => ({ numElements, requiresGrad }))
  const count = (of: typeof sizes) => of.reduce((sum, { numElements }) => sum + numElements, 0)
  return {
    ...{ type: 'start', run: path, recipe: name, device, numThreads: numThreads(), target: target() },
    ...{ numParameters: count(sizes), numTrained: count(sizes.filter(({ requiresGrad }) => requiresGrad)) },
    ...{ numExamples, numSteps: trainer.numSteps },
  }
}

const tooLongOf = ({ train, heldOut }: SftData): { numDropped: number; numCut: number } => ({
  numDropped: train.numDropped + heldOut.numDropped,
  numCut: train.numCut + heldOut.numCut,
})

function summaryOf({ state, numSteps }: SftTrainer, { path, seconds }: { path: string; seconds: number }): SftEvent {
  const { step, evaluated, best } = state
  return {
    ...{ type: 'summary', run: path, numSteps: step, loss: evaluated?.loss ?? null, best },
    ...{ isStoppedEarly: step < numSteps, seconds },
  }
}

const versions = async (recipe: SftRecipe): Promise<object> => ({
  lengthen: packageVersion,
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  device: recipe.device,
  kernels: target(),
  baseWeightsSha256: await baseWeightsSha256(recipe),
})
