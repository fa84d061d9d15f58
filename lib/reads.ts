// Which tensors a function reads of those it did not make, so that it can run again on the same values.
import type { SharedHandle } from './shared-handle.js'
import { type SavedHandle, save } from './tape.js'
import type { Tensor } from './tensor.js'

/** Each tensor without a history, as it was when it was read first. The handles are not held. */
export type Reads = ReadonlyMap<Tensor, SavedHandle>

let current: Map<Tensor, SavedHandle> | null = null

/** Called for each read of a tensor without a history. */
export function noteRead(tensor: Tensor, handle: SharedHandle): void {
  if (current !== null && !current.has(tensor)) current.set(tensor, save(handle))
}

/** Runs fn and notes what it reads, its own temporary tensors included. */
export function notingReads<T>(fn: () => T): { result: T; reads: Reads } {
  const outer = current
  const reads = new Map<Tensor, SavedHandle>()
  current = reads
  try {
    return { result: fn(), reads }
  } finally {
    current = outer
    if (outer) for (const [tensor, read] of reads) if (!outer.has(tensor)) outer.set(tensor, read)
  }
}
