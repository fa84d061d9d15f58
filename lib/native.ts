// The one place that loads the addon, and the types of what it offers. Everything above speaks Tensor (tensor.ts).
import { createRequire } from 'node:module'
import path from 'node:path'
import { LengthenError, messageOf, UnsupportedError } from './errors.js'
import { typed } from './native-errors.js'
import { cudaAddonFile } from './native-file.js'
import { loadProblem } from './native-problem.js'
import { packageFolder } from './package-folder.js'

/**
 * Of a tensor's elements: f32 (IEEE single), bf16 (its upper 16 bits), i32 and u8 (whole numbers). Ops compute in f32; bf16 is
 * for weights.
 */
export type DType = 'f32' | 'bf16' | 'i32' | 'u8'

/** A tensor in native memory. Every method but `read` returns at once; the work is queued on the device. */
export interface NativeTensor {
  readonly shape: number[]
  readonly dtype: DType
  readonly device: string
  /** In-place writes queued so far on the storage, views included. */
  readonly version: number
  readonly isDisposed: boolean
  /** A second handle on the same storage; both must be disposed. */
  alias(): NativeTensor
  view(shape: readonly number[]): NativeTensor
  /** Rows [begin, end) of the first dimension, sharing the storage. */
  slice(begin: number, end: number): NativeTensor
  /** Copies the array's bytes in, in queue order; the array may be changed at once. */
  write(data: Float32Array | Int32Array | Uint8Array | Uint16Array): void
  /** The bytes, once the ops queued before have run. Rejects with the first op's name if they failed. */
  read(): Promise<ArrayBuffer>
  dispose(): void
}

/** Ops recorded once, to be run again with their own memory. */
export interface NativeProgram {
  readonly numOps: number
  replay(): void
  dispose(): void
}

/** A device's allocator, in bytes. */
export interface MemoryStats {
  /** In tensors and the scratch memory of ops that run. */
  usedBytes: number
  /** Freed, and kept for later ops. */
  cachedBytes: number
  /** The most that usedBytes was since the start, or the last resetPeakMemory(). */
  peakUsedBytes: number
  /** Times memory was asked of the operating system or the driver. */
  numSourceCalls: number
  /** Limit on usedBytes and cachedBytes together; at first all memory of the device, or of the container. */
  budgetBytes: number
}

export type NativeArgument =
  | NativeTensor
  | readonly NativeTensor[]
  | readonly number[]
  | number
  | boolean
  | string
  | null
  | Readonly<Record<string, number | boolean | string>>

/** An op as the binding's table exports it: checks its arguments, queues the kernel and returns its outputs. */
export type NativeOp = (...args: NativeArgument[]) => unknown

export interface Native {
  empty(shape: readonly number[], dtype: DType, device: string): NativeTensor
  record(device: string, fn: () => void): NativeProgram
  memoryStats(device: string): MemoryStats
  resetPeakMemory(device: string): void
  setMemoryBudget(device: string, bytes: number): void
  /** Gives cached blocks back to the system. */
  trim(device: string): void
  numThreads(): number
  setNumThreads(count: number): void
  /** Instruction set in use: plain, avx2 or avx512. */
  target(): string
  setTarget(name: string): void
  readonly ops: Readonly<Record<string, NativeOp>>
}

const require = createRequire(import.meta.url)
const ownAddon = require('node-gyp-build') as { path(directory: string): string }

const { addon, file } = loadAddon()

/** The file that was loaded: lengthen's own, or the CUDA package's. */
export const addonFile = file

export const native: Native = { ...withTypedErrors(addon), ops: withTypedErrors(addon.ops) }

const op = (name: string): NativeOp => {
  const found = native.ops[name]
  if (!found) throw new Error(`the addon has no op named ${name}: rebuild it with npm run build`)
  return found
}

/** Calls an op with one output. */
export const call = (name: string, ...args: NativeArgument[]): NativeTensor => op(name)(...args) as NativeTensor

/** Calls an op with several outputs, in the order of its contract (cpp/ops). */
export const callMany = (name: string, ...args: NativeArgument[]): NativeTensor[] => op(name)(...args) as NativeTensor[]

/** Calls an op that only writes in place. */
export const run = (name: string, ...args: NativeArgument[]): void => {
  op(name)(...args)
}

/** The same functions, whose errors are instances of the classes of errors.ts. */
function withTypedErrors<T extends object>(functions: T): T {
  const wrapped = Object.entries(functions).map(([name, fn]) => [
    name,
    typeof fn === 'function' ? (...args: unknown[]) => typed(() => fn(...args)) : fn,
  ])
  return Object.fromEntries(wrapped) as T
}

function loadAddon(): { addon: Native; file: string } {
  try {
    const file = path.resolve(cudaAddonFile(packageFolder) ?? ownAddon.path(packageFolder))
    return { addon: require(file) as Native, file }
  } catch (cause) {
    if (cause instanceof LengthenError) throw cause
    throw new UnsupportedError(loadProblem(messageOf(cause), packageFolder), { cause })
  }
}
