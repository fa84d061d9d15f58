/**
 * The device itself: recorded programs, memory, threads. A device is named `cpu`, `cuda` or `cuda:N`; one that this build does
 * not have is an UnsupportedError. Its ops are queued and run, one after another, on a native thread of its own: a call returns
 * before the work is done.
 *
 * @module
 */

import {
  checkOptions,
  type OptionKeys,
  requireEach,
  requireFunctions,
  requireNumbers,
  requireStrings,
} from './arguments.js'
import { type MemoryStats, type NativeProgram, native } from './native.js'
import { typed } from './native-errors.js'
import { runScope, type ScopeMember } from './scope.js'
import { withoutBackward } from './tape.js'

export type { MemoryStats } from './native.js'

/** Ops recorded once by {@link record}. Each replay runs them on the same memory and refreshes `result`. */
export class Program<T> {
  readonly #program: NativeProgram
  readonly #kept: ReadonlySet<ScopeMember>

  /** @internal record() makes programs. */
  constructor(
    program: NativeProgram,
    /** What the recorded function returned; its tensors belong to the program, and hold nothing before the first replay. */
    readonly result: T,
    kept: ReadonlySet<ScopeMember>,
  ) {
    this.#program = program
    this.#kept = kept
  }

  /** Ops of one replay; 0 once the program is disposed of. */
  get numOps(): number {
    return this.#program.numOps
  }

  /**
   * Queues one run of all ops: one call into the addon. Read `result` to wait for it.
   *
   * @throws {@link ArgumentError} after dispose()
   */
  replay(): void {
    typed(() => this.#program.replay())
  }

  /** Gives the memory back once queued replays are done, and disposes of the tensors of `result`. */
  dispose(): void {
    this.#program.dispose()
    for (const member of this.#kept) member.dispose()
  }

  /** As dispose(), at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.dispose()
  }
}

/**
 * Calls fn once; its ops are not run but kept, to be replayed. Write new values into tensors made outside and replay. Nothing
 * is recorded for backward. A tensor cannot be read within. Synchronous functions only.
 *
 * @throws {@link ArgumentError} where fn is no function, returns a promise, calls backward(), or records or replays a program
 */
export function record<T>(fn: () => T, options: DeviceOptions = {}): Program<T> {
  requireFunctions('record', { fn })
  const device = deviceOf('record', options)
  let ran: { result: T; kept: Set<ScopeMember> } | undefined
  const program = native.record(device, () => {
    ran = runScope('record', () => withoutBackward(fn))
  })
  const { result, kept } = ran as unknown as { result: T; kept: Set<ScopeMember> }
  return new Program(program, result, kept)
}

/** Which device is meant. */
export interface DeviceOptions {
  /** `'cpu'` unless given. */
  device?: string
}

/**
 * The device's memory as it is now: what queued ops will take is not in it.
 *
 * @throws {@link ArgumentError} for a device of no such name
 * @throws {@link UnsupportedError} for a device that this build does not have
 */
export const memoryStats = (options: DeviceOptions = {}): MemoryStats =>
  native.memoryStats(deviceOf('memoryStats', options))

/**
 * Sets `peakUsedBytes` to what is in use now.
 *
 * @throws {@link ArgumentError} for a device of no such name
 * @throws {@link UnsupportedError} for a device that this build does not have
 */
export const resetPeakMemory = (options: DeviceOptions = {}): void =>
  native.resetPeakMemory(deviceOf('resetPeakMemory', options))

/**
 * Limit in bytes on memory in use and cached; an op that would pass it fails with OutOfMemoryError when it runs. Infinity: no
 * limit.
 *
 * @throws {@link ArgumentError} for a negative number, or a device of no such name
 * @throws {@link UnsupportedError} for a device that this build does not have
 */
export function setMemoryBudget(bytes: number, options: DeviceOptions = {}): void {
  requireNumbers('setMemoryBudget', { bytes })
  native.setMemoryBudget(deviceOf('setMemoryBudget', options), bytes)
}

/**
 * Gives cached memory, which no tensor holds, back to the system.
 *
 * @throws {@link ArgumentError} for a device of no such name
 * @throws {@link UnsupportedError} for a device that this build does not have
 */
export const trim = (options: DeviceOptions = {}): void => native.trim(deviceOf('trim', options))

/**
 * Threads that share the work of one CPU op: the processors this process may use, unless LENGTHEN_THREADS says otherwise.
 * Results do not depend on it.
 */
export const numThreads = (): number => native.numThreads()

/**
 * Sets how many threads share the work of one CPU op, in every worker of this process. Results do not depend on it.
 *
 * @throws {@link ArgumentError} for a number that is not from 1 to 1024
 *
 * @example
 * ```ts
 * import { device } from 'lengthen'
 *
 * device.setNumThreads(4)
 * console.log(device.numThreads())
 * ```
 */
export function setNumThreads(count: number): void {
  requireEach('setNumThreads', 'a whole number from 1 to 1024', { count }, Number.isSafeInteger)
  native.setNumThreads(count)
}

/**
 * The instruction set in use: plain, avx2 or avx512; the best that the processor has, unless LENGTHEN_ISA says otherwise.
 * Results do not depend on it.
 */
export const target = (): string => native.target()

/**
 * Chooses the instruction set of ops that run from now on, in every worker of this process. Results do not depend on it.
 *
 * @throws {@link ArgumentError} for another name
 * @throws {@link UnsupportedError} for one that this processor does not have
 */
export function setTarget(name: 'plain' | 'avx2' | 'avx512'): void {
  requireStrings('setTarget', { name })
  native.setTarget(name)
}

const optionKeys: OptionKeys<DeviceOptions> = { device: true }

function deviceOf(place: string, options: DeviceOptions): string {
  checkOptions(place, options, optionKeys)
  const { device = 'cpu' } = options
  requireStrings(place, { device })
  return device
}
