// The checkpoints of a run: a folder each, there whole or not at all, written while training goes on.
import { link, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LengthenError, messageOf } from '../../errors.js'
import { makeFolder } from '../../io/make-folder.js'
import { writeSafetensors } from '../../io/safetensors-write.js'
import { withTemporary } from '../../io/temporary.js'
import { syncFolder, writeFileAtomically } from '../../io/write-file.js'
import { checkpointPath, putInPlace, stepsAmong, takeAway, temporaryPath, tidy } from './checkpoint-folders.js'
import type { CheckpointContent, Damage, LoadedCheckpoint } from './content.js'
import { loadCheckpoint, stateName, tensorFile } from './load.js'
import { type FileEntry, readManifest, sameFile, writeManifest } from './manifest.js'
import { bestOf, type Kept, type Retention, superfluous } from './retention.js'
import { snapshotOf } from './snapshot.js'

/** A checkpoint could not be written; those before it are as they were. */
export class CheckpointError extends LengthenError {}

/** What was found where a run is to go on from. */
export interface FoundCheckpoint {
  /** The last that is whole; undefined where there is none. */
  checkpoint: LoadedCheckpoint | undefined
  /** Later ones that were passed over, the latest first; none where all are whole. */
  damaged: readonly Damage[]
}

export class CheckpointStore {
  readonly #kept: Kept[]
  #writing: Promise<void> = Promise.resolve()
  #failure: CheckpointError | undefined

  private constructor(
    readonly folder: string,
    private readonly retention: Retention,
    kept: Kept[],
  ) {
    this.#kept = kept
  }

  /** Makes the folder where it is missing; what a killed process left half-written or half-removed goes. */
  static async open(
    folder: string,
    { keepLast = 2, keepBest = true }: Partial<Retention> = {},
  ): Promise<CheckpointStore> {
    await makeFolder(folder)
    await tidy(folder)
    const steps = stepsAmong(await readdir(folder))
    const kept = await Promise.all(steps.map((step) => lookAt(checkpointPath(folder, step), step)))
    return new CheckpointStore(folder, { keepLast, keepBest }, kept)
  }

  /** To read only, beside a run that may be under way. */
  static async look(folder: string): Promise<CheckpointStore> {
    const steps = stepsAmong(await readdir(folder).catch(() => []))
    const kept = steps.map((step) => ({ step, score: undefined }))
    return new CheckpointStore(folder, { keepLast: kept.length, keepBest: false }, kept)
  }

  /** Steps of the checkpoints that are there, in order. */
  get steps(): number[] {
    return this.#kept.map(({ step }) => step).sort((a, b) => a - b)
  }

  /** Step of the one with the highest score. */
  get best(): number | undefined {
    return bestOf(this.#kept)?.step
  }

  pathOf(step: number): string {
    return checkpointPath(this.folder, step)
  }

  /**
   * Resolves once the copies are queued and the checkpoint before is written: the writing goes on behind. Throws what the one before
   * could not be written for. One of the same step is replaced.
   */
  async save(content: CheckpointContent): Promise<void> {
    const state = JSON.stringify(content.state) // what it is now: its parts may change while the checkpoint is written
    await this.settled()
    const taken = Object.entries(content.tensors).map(([name, tensors]) => ({ name, ...snapshotOf(tensors) }))
    this.#writing = this.#write({ ...content, state }, taken)
      .catch((cause: unknown) => {
        this.#failure = this.#failureOf(content.step, cause)
      })
      .finally(() => {
        for (const { release } of taken) release()
      })
  }

  /** When the last one is written; throws where it could not be. */
  async settled(): Promise<void> {
    await this.#writing
    if (this.#failure) throw this.#failure
  }

  /** The last one that is whole, at or before a step where one is given. */
  async latest({ atMost = Number.POSITIVE_INFINITY } = {}): Promise<FoundCheckpoint> {
    await this.settled()
    const damaged: Damage[] = []
    for (const step of this.steps.filter((step) => step <= atMost).reverse()) {
      const folder = this.pathOf(step)
      try {
        return { checkpoint: await loadCheckpoint(folder), damaged }
      } catch (error) {
        damaged.push({ folder, why: messageOf(error) })
        for (const kept of this.#kept) if (kept.step === step) kept.isDamaged = true
      }
    }
    return { checkpoint: undefined, damaged }
  }

  /** Those after a step go: a run that went back does not come upon them again. */
  async removeAfter(step: number): Promise<void> {
    await this.settled()
    for (const later of this.steps.filter((other) => other > step).reverse()) await this.#remove(later)
  }

  async #write(
    { step, score, state, files, unchanged = [], backTo, done }: Omit<CheckpointContent, 'state'> & { state: string },
    taken: readonly Taken[],
  ): Promise<void> {
    const temporary = temporaryPath(this.folder, step)
    await rm(temporary, { recursive: true, force: true })
    await withTemporary(temporary, async () => {
      await mkdir(temporary)
      const linked: Record<string, FileEntry> = {}
      for (const { name, snapshot } of taken) {
        const file = tensorFile(name)
        const entry = unchanged.includes(name) ? await this.#linked(temporary, file) : undefined
        if (entry) linked[file] = entry
        else await writeSafetensors(join(temporary, file), snapshot)
      }
      await files?.(temporary)
      await writeFileAtomically(join(temporary, stateName), state)
      await writeManifest(temporary, { step, score: score ?? null }, linked)
      await putInPlace(this.folder, step)
    })
    await syncFolder(this.folder)
    this.#forget(step)
    this.#kept.push({ step, score })
    for (const old of superfluous(this.#kept, this.retention, { backTo })) await this.#remove(old)
    await done?.()
  }

  /** The file of the checkpoint before, as it was written there; undefined where it is not any more. */
  async #linked(into: string, file: string): Promise<FileEntry | undefined> {
    if (this.#lastWhole === undefined) return undefined
    const from = this.pathOf(this.#lastWhole)
    try {
      const { files } = await readManifest(from, { isChecked: false })
      await link(join(from, file), join(into, file))
      if (await sameFile(join(into, file), files[file])) return files[file]
    } catch {
      // There is no such file, or no link can be made here.
    }
    await rm(join(into, file), { force: true })
    return undefined
  }

  get #lastWhole(): number | undefined {
    const whole = this.#kept.filter(({ isDamaged }) => !isDamaged)
    return whole.length === 0 ? undefined : Math.max(...whole.map(({ step }) => step))
  }

  async #remove(step: number): Promise<void> {
    await takeAway(this.folder, step)
    this.#forget(step)
  }

  #forget(step: number): void {
    const index = this.#kept.findIndex((kept) => kept.step === step)
    if (index >= 0) this.#kept.splice(index, 1)
  }

  #failureOf(step: number, cause: unknown): CheckpointError {
    const last = this.#lastWhole
    const intact = last === undefined ? 'there is none before it' : `the one before, ${this.pathOf(last)}, is whole`
    const message = `[checkpoint] step ${step} could not be written to ${this.folder}: ${messageOf(cause)}; ${intact}`
    return new CheckpointError(message, { cause })
  }
}

interface Taken {
  name: string
  snapshot: ReturnType<typeof snapshotOf>['snapshot']
}

async function lookAt(folder: string, step: number): Promise<Kept> {
  const manifest = await readManifest(folder, { isChecked: false }).catch(() => undefined)
  return { step, score: manifest?.score ?? undefined, isDamaged: manifest === undefined }
}
