// The device itself: recorded programs, memory, threads.
import { type MemoryStats, type NativeProgram, native } from './native.js'
import { typed } from './native-errors.js'
import { runScope, type ScopeMember } from './scope.js'
import { withoutBackward } from './tape.js'

export type { MemoryStats } from './native.js'

/** Ops recorded once. Each replay runs them on the same memory and refreshes `result`. */
export class Program<T> {
  readonly #program: NativeProgram
  readonly #kept: ReadonlySet<ScopeMember>

  /** @internal record() makes programs. */
  constructor(
    program: NativeProgram,
    /** What the recorded function returned; its tensors belong to the program. */
    readonly result: T,
    kept: ReadonlySet<ScopeMember>,
  ) {
    this.#program = program
    this.#kept = kept
  }

  get numOps(): number {
    return this.#program.numOps
  }

  /** Queues one run of all ops: one call into the addon. */
  replay(): void {
    typed(() => this.#program.replay())
  }

  /** Gives the memory back once queued replays are done. */
  dispose(): void {
    this.#program.dispose()
    for (const member of this.#kept) member.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/**
 * Calls fn once; its ops are not run but kept, to be replayed. Write new values into tensors made outside and replay. Nothing
 * is recorded for backward, and backward() is refused. Synchronous functions only.
 */
export function record<T>(fn: () => T, { device = 'cpu' }: DeviceOptions = {}): Program<T> {
  let ran: { result: T; kept: Set<ScopeMember> } | undefined
  const program = native.record(device, () => {
    ran = runScope('record', () => withoutBackward(fn))
  })
  const { result, kept } = ran as unknown as { result: T; kept: Set<ScopeMember> }
  return new Program(program, result, kept)
}

export interface DeviceOptions {
  device?: string
}

export const memoryStats = ({ device = 'cpu' }: DeviceOptions = {}): MemoryStats => native.memoryStats(device)

export const resetPeakMemory = ({ device = 'cpu' }: DeviceOptions = {}): void => native.resetPeakMemory(device)

/** Limit on memory in use and cached; an op that would pass it fails with OutOfMemoryError. */
export const setMemoryBudget = (bytes: number, { device = 'cpu' }: DeviceOptions = {}): void =>
  native.setMemoryBudget(device, bytes)

/** Gives cached memory back to the system. */
export const trim = ({ device = 'cpu' }: DeviceOptions = {}): void => native.trim(device)

/** Threads that share the work of one CPU op. Results do not depend on it. */
export const numThreads = (): number => native.numThreads()

export const setNumThreads = (count: number): void => native.setNumThreads(count)

/** The instruction set in use: plain, avx2 or avx512. Results do not depend on it. */
export const target = (): string => native.target()

export const setTarget = (name: 'plain' | 'avx2' | 'avx512'): void => native.setTarget(name)
