// A run is a directory that explains itself: the resolved recipe, the versions that made it, metrics, samples, and the
// trained model as a Hugging Face folder.
import { access, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOptions, type OptionKeys, requireStrings } from '../../arguments.js'
import { ArgumentError } from '../../errors.js'
import { JsonlWriter } from '../../io/jsonl.js'
import { makeFolder } from '../../io/make-folder.js'
import { replaceFolder } from '../../io/replace-folder.js'
import { writeFileAtomically } from '../../io/write-file.js'
import type { PhaseReport, StepMetrics } from '../events.js'
import type { StageRehearsal } from '../rehearsal/rehearse.js'
import { lockRun, type RunLock } from './run-lock.js'
import type { SampleRecord } from './sample-record.js'

/** What explains the run; a script may have no recipe. */
export interface RunAbout {
  /** The resolved recipe, written to recipe.yaml: what has one can be resumed. */
  recipeYaml?: string
  /** What made the run, as plain JSON, written to versions.json. */
  versions?: object
}

/** Bytes of the files that grow. */
export interface FileSizes {
  metrics: number
  samples: number
}

/**
 * The directory of a run: recipe.yaml and versions.json where there are any, metrics.jsonl with a line a step, samples.jsonl with a line an
 * answer, rehearsal.json, phases.json and the folder model/. One process at a time works in it: a file run.lock says which.
 */
export class RunDirectory {
  private constructor(
    /** As it was given. */
    readonly path: string,
    private readonly lock: RunLock,
    private readonly metrics: JsonlWriter,
    private readonly samples: JsonlWriter,
  ) {}

  /**
   * Makes the directory.
   * @param path The folder; it is made where it is not there, and may be there empty.
   * @param about What is written beside the metrics: recipe.yaml and versions.json.
   * @throws {@link ArgumentError} where it already holds files, so that no run overwrites another, or another process works in it.
   */
  static async create(path: string, about: RunAbout = {}): Promise<RunDirectory> {
    requireStrings('run', { path })
    checkOptions('run', about, aboutKeys, 'about')
    await requireFree(path)
    await makeFolder(path)
    return RunDirectory.#open(path, async () => {
      const { recipeYaml, versions } = about
      if (versions) await writeFileAtomically(join(path, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`)
      // Last: what has a recipe is a run, and can be gone on with.
      if (recipeYaml !== undefined) await writeFileAtomically(join(path, 'recipe.yaml'), recipeYaml)
    })
  }

  /**
   * That of a run that is to go on; what a killed process left half-written goes.
   * @param path The folder that create() was given.
   * @throws {@link ArgumentError} where another process works in it.
   */
  static async reopen(path: string): Promise<RunDirectory> {
    requireStrings('run', { path })
    return RunDirectory.#open(path, () => removeHalfWritten(path))
  }

  /** Only one process at a time is in a run's directory. */
  static async #open(path: string, prepare: () => Promise<void>): Promise<RunDirectory> {
    const lock = await lockRun(path)
    try {
      await prepare()
      const metrics = await JsonlWriter.open(join(path, 'metrics.jsonl'))
      return new RunDirectory(path, lock, metrics, await JsonlWriter.open(join(path, 'samples.jsonl')))
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** @internal Bytes that metrics and samples have by now. */
  get sizes(): FileSizes {
    return { metrics: this.metrics.numBytes, samples: this.samples.numBytes }
  }

  /** @internal Resolves when what was written so far would outlast the machine. */
  async sync(): Promise<void> {
    await Promise.all([this.metrics.sync(), this.samples.sync()])
  }

  /** @internal The metrics behind an earlier moment. */
  async metricsAfter({ metrics }: FileSizes): Promise<Buffer> {
    await this.metrics.flushed()
    return (await readFile(join(this.path, 'metrics.jsonl'))).subarray(metrics)
  }

  /** @internal To the files of an earlier moment. */
  async cutBack(sizes: FileSizes): Promise<void> {
    await Promise.all([this.metrics.cut(sizes.metrics), this.samples.cut(sizes.samples)])
  }

  /** Adds a line to metrics.jsonl; resolves once the system has it. NaN becomes null there. */
  async writeStep(metrics: StepMetrics): Promise<void> {
    await this.metrics.write(metrics)
  }

  /** Adds a line for each to samples.jsonl; resolves once the system has them all. */
  async writeSamples(samples: readonly SampleRecord[]): Promise<void> {
    for (const sample of samples) void this.samples.write(sample)
    await this.samples.flushed()
  }

  /** Writes phases.json anew with all of these; a reader finds the old one or the new one whole. */
  async writePhases(phases: readonly PhaseReport[]): Promise<void> {
    await writeFileAtomically(join(this.path, 'phases.json'), `${JSON.stringify(phases, null, 2)}\n`)
  }

  /** Writes rehearsal.json anew: what a plan is compared with, beside the steps. */
  async writeRehearsal(stages: readonly StageRehearsal[]): Promise<void> {
    await writeFileAtomically(join(this.path, 'rehearsal.json'), `${JSON.stringify(stages, null, 2)}\n`)
  }

  /** Writes the folder `model/` by `save`, under a temporary name first, so that it is there whole or not at all; gives its path. */
  async writeModel(save: (folder: string) => Promise<void>): Promise<string> {
    const folder = join(this.path, 'model')
    await replaceFolder(folder, save)
    return folder
  }

  /** Writes what is queued and gives up the lock; nothing can be written after. */
  async close(): Promise<void> {
    try {
      await Promise.all([this.metrics.close(), this.samples.close()])
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

/** Throws where a run would find something in its way. */
export async function requireFree(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    const found = error.code === 'ENOTDIR' ? 'a file' : error.message
    throw new ArgumentError(`[run] expected an empty or new directory for the run, got ${path}: ${found}`)
  })
  if (entries.length > 0)
    throw new ArgumentError(
      `[run] expected an empty or new directory for the run, got ${path} with ${entries[0]} in it`,
    )
}

/** The recipe's file of a run that is there. */
export async function requireRun(path: string): Promise<string> {
  const file = join(path, 'recipe.yaml')
  await access(file).catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === 'ENOENT' ? 'none' : cause.message
    throw new ArgumentError(`[run] expected a run's directory, with a recipe.yaml, at ${path}, found ${found}`, {
      cause,
    })
  })
  return file
}

/** A path in `parent` for a run that names none: its name and the first free number, from 1. Nothing is made. */
export async function freeRunPath(parent: string, name: string): Promise<string> {
  requireStrings('run', { parent, name })
  const taken = new Set(await readdir(parent).catch(() => []))
  for (let i = 1; ; i++) if (!taken.has(`${name}-${i}`)) return join(parent, `${name}-${i}`)
}

/** Of what a directory is told of its run. */
export const aboutKeys: OptionKeys<RunAbout> = { recipeYaml: true, versions: true }
