// One worker process, as its parent sees it. A process, since a thread would not do: measured here, one allocation beyond
// a thread's limit ends the whole program, where a process that costs 80 ms to start and 10 µs a pair dies alone.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../errors.js'
import { builtFile } from '../../package-folder.js'
import type { Grade } from '../grade-math.js'
import { type GradingBatch, lineFrom, type WorkerLine } from './messages.js'

/** Why a worker is no more. */
export class WorkerFailure extends Error {
  constructor(
    readonly kind: 'start' | 'deadline' | 'crash' | 'killed',
    message: string,
  ) {
    super(message)
  }
}

const maxMemoryMb = 256
const startDeadlineMs = 30_000

/** What tests of the sources start is built all the same. */
const program = builtFile('workers/grader.js')
export const builtGrader = builtFile('workers/grade-math.js')

interface Listener {
  line(line: WorkerLine): void
  failed(failure: WorkerFailure): void
}

export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #ready: Promise<void>
  #listener: Listener | undefined
  #numLines = 0
  #failure: WorkerFailure | undefined

  constructor(grader: URL) {
    this.#child = spawn(
      process.execPath,
      [`--max-old-space-size=${maxMemoryMb}`, fileURLToPath(program), grader.href],
      {
        stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
        env: { ...process.env, NODE_OPTIONS: '' },
        serialization: 'advanced',
      },
    )
    this.#child.on('error', (error) => this.#fail(new WorkerFailure('crash', messageOf(error))))
    this.#child.on('exit', (status, signal) => this.#fail(ended(status, signal)))
    this.#read()
    this.#ready = this.#start()
    this.#ready.catch(() => {}) // Heard where a batch waits for it.
  }

  /** False once it has ended or was killed. */
  get isAlive(): boolean {
    return this.#failure === undefined
  }

  /** Calls `graded` for each pair in order. Rejects with a WorkerFailure, after which the process is gone. */
  async run(batch: GradingBatch, graded: (grade: Grade) => void): Promise<void> {
    this.#hold('ref')
    try {
      await this.#ready
      await this.#grade(batch, graded)
    } finally {
      this.#listener = undefined
      this.#hold('unref') // An idle worker does not keep the program alive, and ends with it.
    }
  }

  kill(failure = new WorkerFailure('killed', 'its process was ended')): void {
    this.#child.kill('SIGKILL')
    this.#fail(failure)
  }

  #start(): Promise<void> {
    const late = new WorkerFailure('start', `it was not ready within ${startDeadlineMs} ms`)
    const timer = setTimeout(() => this.kill(late), startDeadlineMs).unref()
    return new Promise<void>((resolve, reject) => {
      const failed = ({ kind, message }: WorkerFailure) =>
        reject(new WorkerFailure(kind === 'killed' ? kind : 'start', `${fileURLToPath(program)}: ${message}`))
      this.#listen({ line: () => resolve(), failed })
    }).finally(() => clearTimeout(timer))
  }

  #grade(batch: GradingBatch, graded: (grade: Grade) => void): Promise<void> {
    const clock = new PairClock(batch.deadlineMs, {
      numDone: () => this.#numLines,
      late: () => this.kill(new WorkerFailure('deadline', `it was not graded within ${batch.deadlineMs} ms`)),
    })
    let numLeft = batch.pairs.length
    return new Promise<void>((resolve, reject) => {
      const line = (line: WorkerLine) => {
        clock.start()
        if (typeof line === 'string') return
        graded({ ...line, predicted: line.predicted, expected: line.expected }) // JSON has no undefined
        numLeft -= 1
        if (numLeft === 0) resolve()
      }
      this.#listen({ line, failed: reject })
      this.#child.send(batch, (error) => error && this.kill(new WorkerFailure('crash', messageOf(error))))
    }).finally(() => clock.stop())
  }

  #listen(listener: Listener): void {
    this.#listener = listener
    if (this.#failure) listener.failed(this.#failure)
  }

  #read(): void {
    let rest = ''
    let isGarbled = false
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() as string
      for (const line of lines) {
        const said = lineFrom(line)
        isGarbled ||= said === undefined // What comes after is not trusted either.
        if (isGarbled || said === undefined)
          return this.kill(new WorkerFailure('crash', `its process wrote ${shown(line)}`))
        this.#numLines += 1
        this.#listener?.line(said)
      }
    })
  }

  // What the process wrote before its end may still be in the pipe.
  #fail(failure: WorkerFailure): void {
    if (this.#failure) return
    this.#failure = failure
    const tell = () => this.#listener?.failed(failure)
    const { stdout } = this.#child
    if (!stdout || stdout.closed || failure.kind === 'killed') tell()
    else stdout.once('close', tell)
  }

  #hold(hold: 'ref' | 'unref'): void {
    this.#child[hold]()
    this.#child.channel?.[hold]()
    const stdout = this.#child.stdout as { ref?(): void; unref?(): void } | null
    stdout?.[hold]?.()
  }
}

const shown = (line: string): string => JSON.stringify(line.length > 80 ? `${line.slice(0, 79)}…` : line)

function ended(status: number | null, signal: string | null): WorkerFailure {
  const memory = signal === 'SIGABRT' ? `, as when it takes more memory than ${maxMemoryMb} MB` : ''
  return new WorkerFailure('crash', `its process ended by ${signal ?? `status ${status}`}${memory}`)
}

/** The deadline of one pair after the other. */
class PairClock {
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly deadlineMs: number,
    readonly on: { numDone: () => number; late: () => void },
  ) {}

  start(): void {
    this.stop()
    this.#timer = setTimeout(() => this.#check(this.on.numDone()), this.deadlineMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  // This program itself may have been busy for so long: what the worker wrote meanwhile is read first.
  #check(numDone: number): void {
    setImmediate(() => setImmediate(() => this.on.numDone() === numDone && this.on.late()))
  }
}
