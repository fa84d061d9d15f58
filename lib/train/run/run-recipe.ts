// Carries out a recipe, from its beginning or from where an earlier life of the run has left off. Tells everything as events; the
// last one is the summary.
import { dirname, resolve } from 'node:path'
import { checkOptions, type OptionKeys, requireStrings } from '../../arguments.js'
import type { ProblemSource } from '../../data/problem-source.js'
import { promptsOf } from '../../data/prompt.js'
import type { Row } from '../../data/row.js'
import { numThreads, target } from '../../device.js'
import type { Decoder } from '../../models/decoder.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import { packageVersion } from '../../version.js'
import { buildData, buildModel, buildTokenizer } from '../build.js'
import { type ResumedRun, RunKeeper } from '../checkpoint/run-keeper.js'
import type { RunEvent } from '../events.js'
import { requireLoaded } from '../recipe/loaded.js'
import { type LoadedRecipe, loadRecipe, type Recipe, recipeToYaml } from '../recipe/recipe.js'
import { recipeRewards, rewardCodeOf } from '../recipe-rewards.js'
import { StageRows } from '../stage-rows.js'
import { baseWeightsSha256, requireSameBase } from './base-weights.js'
import { firstRecipeFolder } from './first-recipe-folder.js'
import { isOver } from './is-over.js'
import { RecipeRun } from './recipe-run.js'
import { RunDirectory, requireFree, requireRun } from './run-directory.js'

/** How a run is ended from outside. */
export interface RunSignals {
  /** Ends the run at once, with the signal's reason thrown: what came after the last checkpoint is done again when it is resumed. */
  signal?: AbortSignal | undefined
  /** Ends the run after the step under way, with a checkpoint; the generator then throws the signal's reason. */
  stop?: AbortSignal | undefined
}

/** What a new run needs beside its recipe. */
export interface RunOptions extends RunSignals {
  /** The run's directory, made here; it must be new or empty. */
  out: string
}

/** How a run is gone on with. */
export interface ResumeOptions extends RunSignals {
  /** Goes on though the recipe in the run's directory has changed since the checkpoint; each changed key is a warning. False where left out. */
  mayChange?: boolean | undefined
}

/**
 * Runs the recipe to its end, and tells of it as events, the last of which is the summary. What went wrong is thrown; what the directory
 * holds by then stays, and can be resumed.
 * @throws {@link ArgumentError} where `out` holds files, or a prompt is longer than rollout.maxPromptTokens.
 * @throws {@link RecipeError} where the model has too few positions, or is not of model.shape.
 * @throws {@link UnsupportedError} where this build does not have the device or the dtype.
 * @throws {@link OutOfMemoryError} from the rehearsal, where a stage's worst batch does not fit.
 * @throws {@link LossError} where a loss or a gradient is no number, and the guard does not go back or stop.
 * @throws {@link GuardError} where the guard stops the run.
 */
export async function* runRecipe(loaded: LoadedRecipe, options: RunOptions): AsyncGenerator<RunEvent> {
  requireLoaded('run', loaded)
  checkOptions('run', options, runKeys)
  const { out, ...signals } = options
  requireStrings('run', { out })
  await requireFree(out)
  yield* carryOut(loaded, { path: out, isResumed: false, ...signals })
}

/**
 * Goes on with a run in its directory, from its last checkpoint that is whole: it ends with the metrics and the weights of one that was
 * never stopped. Throws what runRecipe() throws, but for `out`. The directory's recipe.yaml may have changed, with a warning, in how far the
 * run goes (maxSteps, a stage's until), what is kept and watched (checkpoint, guard, memory), and where files lie.
 * @param path The run's directory: what runRecipe() was given as `out`.
 * @throws {@link ArgumentError} where `path` holds no run, or another process works in it.
 * @throws {@link RecipeError} where recipe.yaml has changed in anything else, which is named, unless `mayChange` is true.
 * @throws {@link FileFormatError} where model.path holds other weights than the run began with, or no checkpoint is whole.
 */
export async function* resumeRun(path: string, options: ResumeOptions = {}): AsyncGenerator<RunEvent> {
  requireStrings('run', { path })
  checkOptions('run', options, resumeKeys)
  yield* carryOut(await loadRecipe(await requireRun(path)), { path, isResumed: true, ...options })
}

const runKeys: OptionKeys<RunOptions> = { out: true, signal: true, stop: true }

const resumeKeys: OptionKeys<ResumeOptions> = { mayChange: true, signal: true, stop: true }

interface Course extends ResumeOptions {
  path: string
  isResumed: boolean
}

async function* carryOut(loaded: LoadedRecipe, course: Course): AsyncGenerator<RunEvent> {
  const { recipe } = loaded
  const { path, isResumed, mayChange, signal, stop } = course
  // A run that another process works in is refused at once; what is wrong with a new one is found before its directory is made.
  let directory = isResumed ? await RunDirectory.reopen(path) : undefined
  try {
    if (isResumed) await requireSameBase(recipe, path)
    const data = await buildData(loaded)
    const tokenizer = await buildTokenizer(loaded)
    using model = await buildModel(loaded, tokenizer)
    await requirePrompts(recipe, data.rows, tokenizer)
    await requireStageRows(recipe, data.train, tokenizer)
    const recipeFolder = isResumed ? await firstRecipeFolder(path) : dirname(resolve(loaded.file))
    const code = await rewardCodeOf(loaded, recipeFolder)
    for (const one of code) yield { type: 'code', ...one } // before it is run
    const rewards = await recipeRewards(loaded, code)
    for (const one of [signal, stop]) one?.throwIfAborted()
    const resolved = { ...recipe, data: data.section, reward: rewards.section }
    const recipeYaml = recipeToYaml(resolved)
    directory ??= await RunDirectory.create(path, { recipeYaml, versions: await versions(recipe, recipeFolder) })
    const keeper = await RunKeeper.open(directory, recipe.checkpoint, { recipeYaml })
    const found = isResumed ? await keeper.resume({ mayChange }) : undefined
    yield startEvent(recipe, model, path)
    if (found) yield resumedEvent(found, recipe)
    if (data.badRows.length > 0) yield { type: 'badRows', problems: data.badRows }
    const parts = { recipe, data, model, tokenizer, keeper, signal, stop, rewards }
    yield* new RecipeRun({ ...parts, from: found?.checkpoint }).events()
  } finally {
    await directory?.close()
  }
}

function startEvent(recipe: Recipe, model: Decoder, run: string): RunEvent {
  const numParameters = model.parameters().reduce((sum, parameter) => sum + parameter.numElements, 0)
  const { device } = recipe
  return { type: 'start', run, recipe: recipe.name, numParameters, device, numThreads: numThreads(), target: target() }
}

const resumedEvent = ({ checkpoint, damaged, warnings }: ResumedRun, recipe: Recipe): RunEvent => ({
  type: 'resumed',
  step: checkpoint?.step ?? 0,
  checkpoint: checkpoint?.folder ?? null,
  isOver: checkpoint !== undefined && isOver(recipe, checkpoint),
  damaged: damaged.map(({ folder, why }) => `${folder}: ${why}`),
  warnings: [...warnings],
})

const versions = async (recipe: Recipe, recipeFolder: string): Promise<object> => ({
  lengthen: packageVersion,
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  device: recipe.device,
  kernels: target(),
  recipeFolder,
  baseWeightsSha256: await baseWeightsSha256(recipe),
})

/** A prompt that is too long is found before anything is written. */
async function requirePrompts({ data, rollout }: Recipe, rows: readonly Row[], tokenizer: Tokenizer): Promise<void> {
  const options = { turn: data.prompt, tokenizer, maxTokens: rollout.maxPromptTokens }
  for (let i = 0; i < rows.length; i += rowsAtOnce) await promptsOf(rows.slice(i, i + rowsAtOnce), options)
}

/** So is a stage that selects no row. */
async function requireStageRows({ data, rollout, schedule }: Recipe, train: ProblemSource, tokenizer: Tokenizer) {
  const { maxPromptTokens } = rollout
  await new StageRows(train, { stages: schedule.stages, tokenizer, turn: data.prompt, maxPromptTokens }).prepare()
}

const rowsAtOnce = 1000
