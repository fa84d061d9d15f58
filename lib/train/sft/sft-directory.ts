// The directory of a supervised run: the resolved recipe, the versions, metrics, checkpoints, and models as Hugging Face folders.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOptions, type OptionKeys, requireStrings } from '../../arguments.js'
import { JsonlWriter } from '../../io/jsonl.js'
import { makeFolder } from '../../io/make-folder.js'
import { replaceFolder } from '../../io/replace-folder.js'
import { writeFileAtomically } from '../../io/write-file.js'
import { CheckpointStore } from '../checkpoint/checkpoint-store.js'
import type { CheckpointContent, Damage, LoadedCheckpoint } from '../checkpoint/content.js'
import { type Origin, originWarnings, writeOrigin } from '../checkpoint/origin.js'
import { requireWhole } from '../checkpoint/require-whole.js'
import { aboutKeys, type RunAbout, requireFree } from '../run/run-directory.js'
import { lockRun, type RunLock } from '../run/run-lock.js'
import type { SftState } from './state.js'

/** What a directory keeps. */
export interface SftDirectoryOptions {
  /** The last so many checkpoints stay; 2 where left out. */
  keepLast?: number | undefined
}

/** How a directory is opened again. */
export interface SftReopenOptions extends SftDirectoryOptions {
  /** The recipe with every default filled in: the run goes on with the one that its checkpoint was made with. Not compared where left out. */
  recipeYaml?: string | undefined
  /** Goes on though it has changed; each changed key is a warning. False where left out. */
  mayChange?: boolean | undefined
}

/** state.json of a checkpoint. */
export interface KeptSftState {
  trainer: SftState
  /** Of metrics.jsonl. */
  metricsBytes: number
}

/**
 * The directory of a supervised run: recipe.yaml and versions.json where there are any, metrics.jsonl with a line for each step and each
 * evaluation, checkpoints/, and the folders best/ and model/. One process at a time works in it: a file run.lock says which.
 */
export class SftDirectory {
  private constructor(
    /** As it was given. */
    readonly path: string,
    /** Whether the run began in an earlier life: made by reopen(), not by create(). */
    readonly isReopened: boolean,
    private readonly origin: Origin & { mayChange: boolean },
    private readonly lock: RunLock,
    private readonly metrics: JsonlWriter,
    private readonly store: CheckpointStore,
  ) {}

  /**
   * Makes the directory.
   * @param path The folder; it is made where it is not there, and may be there empty.
   * @param about What is written beside the metrics: recipe.yaml and versions.json.
   * @param options Which checkpoints are kept.
   * @throws {@link ArgumentError} where it already holds files, or another process works in it.
   */
  static async create(path: string, about: RunAbout = {}, options: SftDirectoryOptions = {}): Promise<SftDirectory> {
    requireStrings('sft', { path })
    checkOptions('sft', about, aboutKeys, 'about')
    checkOptions('sft', options, optionKeys)
    await requireFree(path)
    await makeFolder(path)
    const { recipeYaml, versions } = about
    return SftDirectory.#open(path, { ...options, recipeYaml, isReopened: false }, async () => {
      if (versions) await writeFileAtomically(join(path, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`)
      // Last: what has a recipe is a run, and can be gone on with.
      if (recipeYaml !== undefined) await writeFileAtomically(join(path, 'recipe.yaml'), recipeYaml)
    })
  }

  /**
   * That of a run that is to go on: a trainer that is given it begins at its last whole checkpoint.
   * @param path The folder that create() was given.
   * @throws {@link ArgumentError} where another process works in it.
   */
  static async reopen(path: string, options: SftReopenOptions = {}): Promise<SftDirectory> {
    requireStrings('sft', { path })
    checkOptions('sft', options, reopenKeys)
    return SftDirectory.#open(path, { ...options, isReopened: true }, () => removeHalfWritten(path))
  }

  static async #open(
    path: string,
    { keepLast = 2, recipeYaml, mayChange = false, isReopened }: SftReopenOptions & { isReopened: boolean },
    prepare: () => Promise<void>,
  ): Promise<SftDirectory> {
    const lock = await lockRun(path)
    try {
      await prepare()
      const store = await CheckpointStore.open(join(path, 'checkpoints'), { keepLast, keepBest: false })
      const metrics = await JsonlWriter.open(join(path, 'metrics.jsonl'))
      const origin = { recipeYaml, file: join(path, 'recipe.yaml'), mayChange }
      return new SftDirectory(path, isReopened, origin, lock, metrics, store)
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** Adds a line to metrics.jsonl; resolves once the system has it. */
  async record(event: object): Promise<void> {
    await this.metrics.write(event)
  }

  /** @internal See CheckpointStore.save: the writing goes on behind. */
  async save(trainer: SftState, tensors: CheckpointContent['tensors']): Promise<void> {
    const state: KeptSftState = { trainer, metricsBytes: this.metrics.numBytes }
    const files = async (folder: string) => {
      await this.metrics.sync()
      await writeOrigin(folder, this.origin)
    }
    await this.store.save({ step: trainer.step, state, tensors, files })
  }

  /**
   * Resolves once the last checkpoint is written.
   * @throws {@link CheckpointError} where one could not be, with the folder, the reason, and the one before that is whole.
   */
  settled(): Promise<void> {
    return this.store.settled()
  }

  /**
   * Where the run goes on from, the metrics cut back to there; without a checkpoint it begins anew.
   * @throws {@link RecipeError} where the recipe has changed in what makes the run, and may not.
   * @throws {@link FileFormatError} where the run has checkpoints and none is whole: nothing is thrown away unasked.
   */
  async resume(): Promise<{
    /** The last that is whole; undefined where there is none. */
    checkpoint: LoadedCheckpoint | undefined
    /** Later ones that were passed over, the latest first. */
    damaged: readonly Damage[]
    /** For people: the checkpoint is of another version, or of another recipe; none where both are the same. */
    warnings: readonly string[]
  }> {
    const found = await this.store.latest()
    requireWhole(found, this.store.folder)
    const { checkpoint } = found
    const warnings = checkpoint ? await originWarnings(checkpoint, this.origin, this.origin) : []
    const kept = checkpoint?.state as KeptSftState | undefined
    await this.metrics.cut(kept?.metricsBytes ?? 0)
    return { ...found, warnings }
  }

  /** Writes a model's folder by `save`, under a temporary name first, so that it is there whole or not at all. */
  async writeModel(name: 'model' | 'best', save: (folder: string) => Promise<void>): Promise<void> {
    await replaceFolder(join(this.path, name), save)
  }

  /** Waits for the last checkpoint, written or not, and gives up the lock; nothing can be written after. */
  async close(): Promise<void> {
    try {
      await this.settled().catch(() => {}) // whoever saved it has heard, or hears another error now
      await this.metrics.close()
    } finally {
      await this.lock.release()
    }
  }
}

/** All temporary names begin with a dot and end alike. */
async function removeHalfWritten(path: string): Promise<void> {
  const names = (await readdir(path)).filter((name) => /^\..*\.tmp$/.test(name))
  for (const name of names) await rm(join(path, name), { recursive: true, force: true })
}

const optionKeys: OptionKeys<SftDirectoryOptions> = { keepLast: true }

const reopenKeys: OptionKeys<SftReopenOptions> = { keepLast: true, recipeYaml: true, mayChange: true }
