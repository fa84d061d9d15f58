// Grades in worker processes that can be killed: what hangs or crashes costs its own pair's verdict, nobody else's.
import { availableParallelism } from 'node:os'
import {
  checkOptions,
  type OptionKeys,
  requireArrays,
  requireEach,
  requireNumbers,
  requireObjects,
  requireStrings,
} from '../../arguments.js'
import { ArgumentError, RewardError } from '../../errors.js'
import type { Grade, GradeOptions } from '../grade-math.js'
import { checkGradeOptions, gradeOptionKeys, isGold } from '../grade-options.js'
import type { GradingPair } from './messages.js'
import { Slots } from './slots.js'
import { builtGrader, WorkerFailure, WorkerProcess } from './worker-process.js'

/** Size of a pool. */
export interface GraderPoolOptions {
  /** Worker processes at most; they are started as they are needed. Default: one a core, up to four. */
  numWorkers?: number
  /** @internal The module that has gradeMath. */
  grader?: URL
}

/** How pairs are graded, and how long that may take. */
export interface PoolGradeOptions extends GradeOptions {
  /** For one pair, in milliseconds: the last resort, behind the grader's own limits. Default 10,000. */
  deadlineMs?: number | undefined
  /** Stops everything; its reason is thrown. */
  signal?: AbortSignal | undefined
}

/** A grade, or why no worker gave one. */
export interface PoolGrade extends Grade {
  /** Why no worker gave a verdict; the grade is `unparsed` then. */
  failure?: 'deadline' | 'crash'
}

/** What the pool has had to do so far. */
export interface PoolCounts {
  /** Pairs that have a grade, failures included. */
  graded: number
  /** Pairs reported unparsed since no worker was done with them by the deadline. */
  deadlines: number
  /** Pairs reported unparsed since every worker crashed on them. */
  crashes: number
  /** Processes, those that replace others included. */
  workersStarted: number
}

const pairsPerBatch = 64
const defaultDeadlineMs = 10_000
const mostWorkersByDefault = 4

/**
 * Grades by {@link gradeMath} in worker processes that can be killed: what hangs or crashes costs its own pair's verdict,
 * nobody else's. Idle workers keep no program alive.
 */
export class GraderPool {
  readonly #grader: URL
  readonly #slots: Slots
  readonly #idle: WorkerProcess[] = []
  readonly #busy = new Set<WorkerProcess>()
  readonly #counts: PoolCounts = { graded: 0, deadlines: 0, crashes: 0, workersStarted: 0 }
  #isDisposed = false

  /**
   * @throws {@link ArgumentError} for an option of another name, or a number of workers that is not a whole one from 1
   */
  constructor(options: GraderPoolOptions = {}) {
    checkOptions('grader pool', options, poolKeys)
    // Not in the signature: the published types have no grader, and would not compile.
    const { numWorkers, grader = builtGrader } = options
    const most = numWorkers ?? Math.min(mostWorkersByDefault, availableParallelism())
    if (!Number.isSafeInteger(most) || most < 1)
      throw new ArgumentError(`[grader pool] expected a whole number of at least 1 for numWorkers, got ${most}`)
    this.#grader = grader
    this.#slots = new Slots(most)
  }

  /** What the pool has had to do so far: a copy. */
  get counts(): Readonly<PoolCounts> {
    return { ...this.#counts }
  }

  /**
   * A grade for each pair, in order, the same whatever the batches and workers. A pair whose worker hangs or crashes is tried
   * once more in a new one, and then reported `unparsed`. Rejects with the signal's reason once it is aborted.
   *
   * @throws {@link RewardError} where no worker starts
   * @throws {@link ArgumentError} after dispose(), for a pair that is not of texts, or an option that is unknown or cannot be
   */
  async grade(pairs: readonly GradingPair[], given: PoolGradeOptions = {}): Promise<PoolGrade[]> {
    requirePairs(pairs)
    checkGradeOptions('grader pool', given, gradeKeys)
    const { signal, deadlineMs = defaultDeadlineMs, ...options } = given
    requireNumbers('grader pool', { deadlineMs })
    const grades = new Array<PoolGrade>(pairs.length)
    const starts = Array.from({ length: Math.ceil(pairs.length / pairsPerBatch) }, (_, i) => i * pairsPerBatch)
    await Promise.all(
      starts.map((start) =>
        this.#slots.run(() => {
          const batch = { pairs: pairs.slice(start, start + pairsPerBatch), options, deadlineMs }
          return this.#gradeBatch(batch, signal, (index, grade) => {
            grades[start + index] = grade
            this.#counts.graded += 1
          })
        }),
      ),
    )
    return grades
  }

  /** Whether dispose() was called. */
  get isDisposed(): boolean {
    return this.#isDisposed
  }

  /** Ends the workers; what is under way rejects. */
  dispose(): void {
    this.#isDisposed = true
    for (const worker of [...this.#idle.splice(0), ...this.#busy]) worker.kill()
  }

  /** As dispose(), at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.dispose()
  }

  async #gradeBatch(batch: Batch, signal: AbortSignal | undefined, graded: Graded): Promise<void> {
    let numDone = 0
    let numFailedStarts = 0
    // A pair is unparsed only if its worker ends twice, the second time first thing in a worker that is new.
    let isSuspect = false
    while (numDone < batch.pairs.length) {
      this.#requireOpen(signal)
      const before = numDone
      const worker = isSuspect ? this.#startWorker() : this.#takeWorker()
      const rest = { ...batch, pairs: batch.pairs.slice(numDone) }
      const failure = await this.#runIn(worker, rest, { signal, graded: (grade) => graded(numDone++, grade) })
      if (failure?.kind === 'start') {
        if (++numFailedStarts > 1) throw new RewardError(`[grader pool] no process to grade in: ${failure.message}`)
      } else if (failure) {
        this.#requireOpen(signal)
        const isCulprit: boolean = isSuspect && numDone === before
        if (isCulprit) graded(numDone++, this.#unparsed(failure))
        isSuspect = !isCulprit
      }
    }
    this.#requireOpen(signal)
  }

  /** Undefined once the batch is done. */
  async #runIn(
    worker: WorkerProcess,
    batch: Batch,
    { signal, graded }: { signal: AbortSignal | undefined; graded: (grade: Grade) => void },
  ): Promise<WorkerFailure | undefined> {
    const stop = () => worker.kill()
    signal?.addEventListener('abort', stop)
    this.#busy.add(worker)
    try {
      await worker.run(batch, graded)
      return undefined
    } catch (error) {
      if (!(error instanceof WorkerFailure)) throw error
      return error
    } finally {
      signal?.removeEventListener('abort', stop)
      this.#busy.delete(worker)
      if (worker.isAlive) this.#idle.push(worker)
    }
  }

  #requireOpen(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted()
    if (this.#isDisposed) throw new ArgumentError('[grader pool] expected a pool that is not disposed of')
  }

  #takeWorker(): WorkerProcess {
    while (this.#idle.length > 0) {
      const worker = this.#idle.pop() as WorkerProcess
      if (worker.isAlive) return worker
    }
    return this.#startWorker()
  }

  #startWorker(): WorkerProcess {
    this.#counts.workersStarted += 1
    return new WorkerProcess(this.#grader)
  }

  #unparsed({ kind, message }: WorkerFailure): PoolGrade {
    const failure = kind === 'deadline' ? kind : 'crash'
    this.#counts[failure === 'deadline' ? 'deadlines' : 'crashes'] += 1
    return { verdict: 'unparsed', why: `no verdict: ${message}`, predicted: undefined, expected: undefined, failure }
  }
}

const poolKeys: OptionKeys<GraderPoolOptions> = { numWorkers: true, grader: true }

const gradeKeys: OptionKeys<PoolGradeOptions> = { ...gradeOptionKeys, deadlineMs: true, signal: true }

function requirePairs(pairs: readonly GradingPair[]): void {
  requireArrays('grader pool', { pairs })
  for (const [index, pair] of pairs.entries()) {
    requireObjects('grader pool', { [`pair ${index}`]: pair })
    requireStrings('grader pool', { [`answer of pair ${index}`]: pair.answer })
    requireEach('grader pool', 'a string or an array of them', { [`gold of pair ${index}`]: pair.gold }, isGold)
  }
}

type Graded = (index: number, grade: PoolGrade) => void

interface Batch {
  pairs: readonly GradingPair[]
  options: GradeOptions
  deadlineMs: number
}
