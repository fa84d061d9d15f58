// What a run keeps, so that it can go on as if it had never stopped: its files with their sizes, its checkpoints, the journal of the
// step under way, and the times that it went back.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOptions, type OptionKeys, requireObjects, requireStrings } from '../../arguments.js'
import { FileFormatError } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import { writeFileAtomically } from '../../io/write-file.js'
import type { FileSizes, RunDirectory } from '../run/run-directory.js'
import { CheckpointStore, type FoundCheckpoint } from './checkpoint-store.js'
import type { CheckpointContent, LoadedCheckpoint } from './content.js'
import { type KeeperOptions, keeperDefaults } from './keeper-options.js'
import { cutLeftMetrics, keepLeftMetrics } from './left-metrics.js'
import { type Origin, originWarnings, writeOrigin } from './origin.js'
import { requireWhole } from './require-whole.js'
import { limitOf, type Rollback } from './rollback.js'
import { removeJournals, StepJournal } from './step-journal.js'

/** state.json of a run's checkpoint. */
export interface KeptState<Trainer, Companion = unknown> {
  trainer: Trainer
  /** Of whoever drives the trainer. */
  companion: Companion
  sizes: FileSizes
  /** Rollbacks before it was written. */
  numRollbacks: number
}

/** Where a run goes on from. */
export interface ResumedRun extends FoundCheckpoint {
  /** For people: the checkpoint is of another version, or of another recipe; none where both are the same. */
  warnings: readonly string[]
}

/**
 * What a run keeps so that it can go on as if it had never stopped: metrics and samples in its directory, checkpoints, and the times that
 * it went back. Given to a trainer as `out`, it is written to by that.
 */
export class RunKeeper {
  readonly #rollbacks: Rollback[]

  private constructor(
    /** The run's directory; close() closes it. */
    readonly directory: RunDirectory,
    private readonly store: CheckpointStore,
    /** With every default filled in. */
    readonly options: KeeperOptions,
    private readonly origin: Origin,
    rollbacks: Rollback[],
  ) {
    this.#rollbacks = rollbacks
  }

  /**
   * A keeper of a run's directory, with the checkpoints that an earlier life has left in it; what a killed process left half-written goes.
   * `recipeYaml`, the recipe with every default filled in, lies in each checkpoint, and resume() holds the run to it.
   * @param options When checkpoints are written and which are kept; a recipe's `checkpoint` has the same.
   * @throws {@link FileFormatError} where rollbacks.json is no list.
   */
  static async open(
    directory: RunDirectory,
    options: Partial<KeeperOptions> = {},
    { recipeYaml }: { recipeYaml?: string | undefined } = {},
  ): Promise<RunKeeper> {
    requireObjects('checkpoint', { directory })
    requireStrings('checkpoint', { 'directory.path': directory.path })
    checkOptions('checkpoint', options, optionKeys)
    const all = { ...keeperDefaults, ...options }
    const store = await CheckpointStore.open(join(directory.path, 'checkpoints'), all)
    const origin = { recipeYaml, file: join(directory.path, 'recipe.yaml') }
    return new RunKeeper(directory, store, all, origin, await readRollbacks(directory.path))
  }

  /** Times that the run went back, the first first. */
  get rollbacks(): readonly Rollback[] {
    return this.#rollbacks
  }

  /** Whether a checkpoint follows once so many steps are done: after every `everySteps`. */
  isDue(step: number): boolean {
    return step % this.options.everySteps === 0
  }

  /** @internal What this step, counted from 1, has by now: groups of answers and verdicts, of this life and of an earlier one. */
  journal(step: number): Promise<StepJournal> {
    return StepJournal.open(this.#journals, { step, numRollbacks: this.#rollbacks.length })
  }

  /** @internal See CheckpointStore.save; `trainer` and `companion` are plain JSON. */
  async save(content: Omit<CheckpointContent, 'state'>, { trainer, companion }: KeptParts): Promise<void> {
    const { sizes } = this.directory
    await this.store.save({
      ...content,
      state: { trainer, companion, sizes, numRollbacks: this.#rollbacks.length } satisfies KeptState<object>,
      files: async (folder) => {
        await this.directory.sync()
        await writeOrigin(folder, this.origin)
        await content.files?.(folder)
      },
      done: () => removeJournals(this.#journals, { upTo: content.step }),
    })
  }

  /**
   * Resolves once the last checkpoint is written.
   * @throws {@link CheckpointError} where one could not be, with the folder, the reason, and the one before that is whole.
   */
  settled(): Promise<void> {
    return this.store.settled()
  }

  /**
   * Where the run goes on from, its files cut back to there; without a checkpoint it begins anew. A damaged checkpoint is passed over.
   * `mayChange`: a recipe that has changed in what makes the run is a warning, and no error.
   * @throws {@link RecipeError} where the recipe has changed so since the checkpoint.
   * @throws {@link FileFormatError} where the run has checkpoints and none is whole: nothing is thrown away unasked.
   */
  async resume({ mayChange = false }: { mayChange?: boolean | undefined } = {}): Promise<ResumedRun> {
    let found = await this.store.latest()
    for (; found.checkpoint && this.#isOvertaken(found.checkpoint); found = await this.store.latest())
      await this.store.removeAfter(found.checkpoint.step - 1)
    requireWhole(found, this.store.folder)
    const { checkpoint } = found
    const warnings = checkpoint ? await originWarnings(checkpoint, this.origin, { mayChange }) : []
    await cutLeftMetrics(this.directory.path, this.#rollbacks)
    await this.directory.cutBack(sizesIn(checkpoint))
    return { ...found, warnings }
  }

  /**
   * @internal Goes back to the last whole checkpoint at or before a step, for good: what came after is gone, but for its metrics. Undefined
   * where there is none, and then nothing is changed.
   */
  async goBack(
    to: { atMost: number },
    about: Omit<Rollback, 'toStep' | 'numLeftMetrics'>,
  ): Promise<LoadedCheckpoint | undefined> {
    const { checkpoint } = await this.store.latest(to)
    if (!checkpoint) return undefined
    const { path } = this.directory
    const left = await this.directory.metricsAfter(sizesIn(checkpoint))
    const numLeftMetrics = await keepLeftMetrics(path, left.toString(), this.#rollbacks)
    this.#rollbacks.push({ ...about, toStep: checkpoint.step, numLeftMetrics })
    // From here on a resumed run goes back as well, and cuts the metrics: they are kept by now.
    await writeFileAtomically(join(path, rollbacksName), `${JSON.stringify(this.#rollbacks, null, 2)}\n`)
    await this.store.removeAfter(checkpoint.step)
    await removeJournals(this.#journals, { after: checkpoint.step })
    await this.directory.cutBack(sizesIn(checkpoint))
    return checkpoint
  }

  /** Closes the directory, and gives up its lock. A checkpoint that is being written is not waited for: await settled() before. */
  async close(): Promise<void> {
    await this.directory.close()
  }

  get #journals(): string {
    return join(this.directory.path, 'journal')
  }

  /** Written before a rollback to an earlier step: that run is not this one any more. */
  #isOvertaken({ step, state }: LoadedCheckpoint): boolean {
    return step > limitOf(this.#rollbacks, (state as KeptState<unknown>).numRollbacks)
  }
}

export interface KeptParts {
  trainer: object
  companion: object | null
}

const rollbacksName = 'rollbacks.json'

const sizesIn = (checkpoint: LoadedCheckpoint | undefined): FileSizes =>
  (checkpoint?.state as KeptState<unknown> | undefined)?.sizes ?? { metrics: 0, samples: 0 }

/** Of a run's directory. */
export async function readRollbacks(folder: string): Promise<Rollback[]> {
  const file = join(folder, rollbacksName)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  const rollbacks = parseJson(text, { file })
  if (Array.isArray(rollbacks)) return rollbacks as Rollback[]
  throw new FileFormatError({ file }, 'expected a list of rollbacks')
}

const optionKeys: OptionKeys<KeeperOptions> = { everySteps: true, keepLast: true, keepBest: true }
