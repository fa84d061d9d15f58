// What goes into a checkpoint and what comes out of it.
import type { DType } from '../../native.js'
import type { Tensor } from '../../tensor.js'

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
  shape: readonly number[]
  dtype: DType
  bytes: Uint8Array
}

/** One that was found whole: every file has the size and the hash that it was written with. */
export interface LoadedCheckpoint {
  step: number
  score: number | undefined
  folder: string
  state: unknown
  /** The tensors of a file of this name; undefined where there is none. */
  tensors(name: string): Promise<ReadonlyMap<string, StoredTensor> | undefined>
}

/** A checkpoint that is not as it was written. */
export interface Damage {
  folder: string
  why: string
}
