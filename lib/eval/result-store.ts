// The folder of an evaluation. While it runs, lines are appended to a partial file in the order they come; at its end the results
// are written in the order of the problems. What a killed process has left is gone on with, and ends as the same file.
import { type FileHandle, open, readdir, rename, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { requireObjects, requireStrings } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { makeFolder } from '../io/make-folder.js'
import { removeLeftovers } from '../io/temporary.js'
import { writeFileAtomically } from '../io/write-file.js'
import { differingSettings } from './differing-settings.js'
import {
  inOrder,
  isThere,
  keyOf,
  parseProblem,
  partialName,
  type ResultLines,
  readResultLines,
  resultsName,
} from './result-file.js'
import { hasFailures, type ProblemRecord, type ProblemResult, type ResultAbout, withoutTexts } from './result-record.js'
import type { ResultKeeper } from './run-evaluation.js'

/**
 * The folder of an evaluation: results.jsonl once it has ended, and results.jsonl.partial before. What a killed process has left is gone on
 * with, and ends as the same file.
 */
export class ResultStore implements ResultKeeper, AsyncDisposable {
  #file: FileHandle | undefined
  readonly #folder: string
  readonly #lines: ResultLines

  private constructor(folder: string, lines: ResultLines, file: FileHandle | undefined) {
    this.#folder = folder
    this.#lines = lines
    this.#file = file
  }

  /**
   * A new folder, or one in which the same evaluation has begun or ended.
   * @param about What the evaluation is: its settings, which another evaluation is told apart by.
   * @throws {@link ArgumentError} for a folder with anything else in it, and for another evaluation's, with the settings that differ.
   */
  static async open(folder: string, about: ResultAbout): Promise<ResultStore> {
    requireStrings('evaluation', { folder })
    requireObjects('evaluation', { about })
    await makeFolder(folder)
    await removeLeftovers(folder, [resultsName, partialName, 'summary.json', 'report.md'])
    const [results, partial] = [join(folder, resultsName), join(folder, partialName)]
    const ended = (await isThere(results)) ? await readResultLines(results) : undefined
    if (ended) {
      requireSame(folder, ended.about, about)
      if (isComplete(ended)) {
        await rm(partial, { force: true })
        return new ResultStore(folder, ended, undefined)
      }
      if (!(await isThere(partial))) await rename(results, partial)
    }
    if (!(await isThere(partial))) await requireEmpty(folder)
    const begun = (await isThere(partial)) ? await readResultLines(partial, { mayBeBroken: true }) : undefined
    if (begun) requireSame(folder, begun.about, about)
    const lines = begun ?? (await begin(partial, about))
    await truncate(partial, lines.numBytes)
    return new ResultStore(folder, lines, await open(partial, 'a+'))
  }

  /** Every problem has been asked and no sample has failed. */
  get isComplete(): boolean {
    return isComplete(this.#lines)
  }

  /** Problems that have been asked, those of an earlier run among them. */
  get numDone(): number {
    return this.#lines.problems.size
  }

  /** In order of sets and problems. */
  get results(): ProblemResult[] {
    return inOrder(this.#lines.about, this.#lines.problems).map(({ result }) => result)
  }

  /** The result of a problem, by its set's name and its place there, from 0; undefined where it was not asked yet. */
  find(set: string, index: number): ProblemResult | undefined {
    return this.#lines.problems.get(keyOf({ set, index }))?.result
  }

  /** The same with the texts, from the file; undefined also where the evaluation has ended. */
  async read(set: string, index: number): Promise<ProblemRecord | undefined> {
    const place = this.#lines.problems.get(keyOf({ set, index }))?.place
    if (place === undefined || this.#file === undefined) return undefined
    return parseProblem(await bytesAt(this.#file, place), join(this.#folder, partialName))
  }

  /**
   * Appends a problem to the partial file; a later record of a problem stands for an earlier one.
   * @throws {@link ArgumentError} where another process has written there.
   */
  async add(record: ProblemRecord): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`)
    await this.#requireAlone()
    await this.#file?.appendFile(bytes)
    const place = { offset: this.#lines.numBytes, numBytes: bytes.length }
    this.#lines.problems.set(keyOf(record), { place, result: withoutTexts(record) })
    this.#lines.numBytes += bytes.length
  }

  /** Writes the results in order, and takes the partial file away. */
  async finish(): Promise<void> {
    const from = this.#file
    if (from === undefined) return
    await this.#requireAlone()
    const { about, problems } = this.#lines
    await writeFileAtomically(join(this.#folder, resultsName), async (file) => {
      await file.appendFile(`${JSON.stringify(about)}\n`)
      for (const { place } of inOrder(about, problems)) await file.appendFile(await bytesAt(from, place))
    })
    await this[Symbol.asyncDispose]()
    await rm(join(this.#folder, partialName))
  }

  // Places in the file are known only as long as nobody else appends to it. All lines stay whole, to go on from.
  async #requireAlone(): Promise<void> {
    const size = (await this.#file?.stat())?.size ?? this.#lines.numBytes
    if (size === this.#lines.numBytes) return
    throw new ArgumentError(
      `[evaluation] expected ${this.#folder} for out to be this evaluation's alone: another process writes there`,
    )
  }

  /** Leaves the partial file to go on from. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }
}

/** Keeps results nowhere but in memory, without the texts. */
export class ResultMemory implements ResultKeeper {
  readonly #problems = new Map<string, { result: ProblemResult }>()
  constructor(
    /** What the evaluation is of: its sets say the order of the results. */
    readonly about: ResultAbout,
  ) {}

  /** Problems that have been asked. */
  get numDone(): number {
    return this.#problems.size
  }

  /** In order of sets and problems. */
  get results(): ProblemResult[] {
    return inOrder(this.about, this.#problems).map(({ result }) => result)
  }

  /** Nothing: every problem is asked. */
  find(): undefined {}
  /** Nothing: texts are not kept. */
  async read(): Promise<undefined> {}
  /** Keeps a problem without its texts; a later record of a problem stands for an earlier one. */
  async add(record: ProblemRecord): Promise<void> {
    this.#problems.set(keyOf(record), { result: withoutTexts(record) })
  }
}

async function begin(partial: string, about: ResultAbout): Promise<ResultLines> {
  const line = `${JSON.stringify(about)}\n`
  await writeFileAtomically(partial, line)
  return { about, problems: new Map(), numBytes: Buffer.byteLength(line) }
}

async function bytesAt(file: FileHandle, { offset, numBytes }: { offset: number; numBytes: number }): Promise<Buffer> {
  const { buffer } = await file.read(Buffer.alloc(numBytes), 0, numBytes, offset)
  return buffer
}

function isComplete({ about, problems }: ResultLines): boolean {
  const numProblems = about.sets.reduce((sum, set) => sum + set.numProblems, 0)
  return problems.size === numProblems && [...problems.values()].every(({ result }) => !hasFailures(result))
}

function requireSame(folder: string, there: ResultAbout, asked: ResultAbout): void {
  const other = differingSettings(there, asked)
  if (other.length === 0) return
  const words = other.map(({ key, first, second }) => `${key} ${first} there, ${second} asked for`)
  throw new ArgumentError(
    `[evaluation] expected a new folder or one of the same evaluation for out, got ${folder}, which has another: ${words.join('; ')}`,
  )
}

async function requireEmpty(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !/^\..*\.tmp$/.test(name))
  if (names.length === 0) return
  const some = names.slice(0, 3).join(', ')
  throw new ArgumentError(`[evaluation] expected an empty or new folder for out, got ${folder} with ${some} in it`)
}
