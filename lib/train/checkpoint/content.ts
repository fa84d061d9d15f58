// What goes into a checkpoint and what comes out of it.
import type { DType } from '../../native.js'
import type { Tensor } from '../../tensor.js'

/** What is written. */
export interface CheckpointContent {
  /** Steps done. */
  step: number
  /** Higher is better; without one a checkpoint is never the best. */
  score?: number | undefined
  /** Plain JSON. */
  state: object
  /** By the name of a safetensors file, without its ending. The values are those of the moment of the call. */
  tensors: Readonly<Record<string, ReadonlyMap<string, Tensor>>>
  /** Names among `tensors` whose values are those of the checkpoint before: linked, where that is there. */
  unchanged?: readonly string[] | undefined
  /** Writes what else belongs there: a config, a tokenizer. */
  files?: ((folder: string) => Promise<void>) | undefined
  /** Of the checkpoints before, the last at or before this step stays, whatever else goes. */
  backTo?: number | undefined
  /** Called once it is there. */
  done?: (() => Promise<void>) | undefined
}

/** A tensor as a file holds it. */
export interface StoredTensor {
  /** Its sizes, the outermost first; [] of a single value. */
  shape: readonly number[]
  /** What each element is. */
  dtype: DType
  /** The elements row after row, little-endian, without gaps. */
  bytes: Uint8Array
}

/** One that was found whole: every file has the size and the hash that it was written with. */
export interface LoadedCheckpoint {
  /** Steps done when it was written. */
  step: number
  /** How good the policy was then, higher being better; undefined where that was not known. */
  score: number | undefined
  /** That of lengthen which wrote it; undefined where it does not say. */
  version: string | undefined
  /** Where it is, as a path. */
  folder: string
  /** What was written as its state: plain JSON. */
  state: unknown
  /** The tensors of a file of this name; undefined where there is none. */
  tensors(name: string): Promise<ReadonlyMap<string, StoredTensor> | undefined>
}

/** A checkpoint that is not as it was written. */
export interface Damage {
  /** Where it is, as a path. */
  folder: string
  /** What differs, for people: a file that is missing, shorter, or of another hash. */
  why: string
}
