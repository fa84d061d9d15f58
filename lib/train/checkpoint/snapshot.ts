// The values of tensors as they are when the queue gets here, in memory of their own: training goes on with the tensors while
// the copies are written.
import type { SafetensorsDtype } from '../../io/safetensors-header.js'
import type { TensorToWrite } from '../../io/safetensors-write.js'
import type { DType } from '../../native.js'
import type { SharedHandle } from '../../shared-handle.js'
import type { Tensor } from '../../tensor.js'

export type Snapshot = ReadonlyMap<string, TensorToWrite>

/** Queues the copies and returns. Each lives until it is fetched; `release` lets go of those that never are. */
export function snapshotOf(tensors: ReadonlyMap<string, Tensor>): { snapshot: Snapshot; release: () => void } {
  const held = new Set<SharedHandle>()
  const snapshot = new Map<string, TensorToWrite>()
  for (const [name, tensor] of tensors) {
    const copy = tensor.handle.copy()
    held.add(copy)
    const data = async (): Promise<Uint8Array> => {
      const bytes = await copy.native.read()
      if (held.delete(copy)) copy.release()
      return new Uint8Array(bytes)
    }
    snapshot.set(name, { dtype: fileDtypes[tensor.dtype], shape: tensor.shape, data })
  }
  const release = () => {
    for (const copy of held) copy.release()
    held.clear()
  }
  return { snapshot, release }
}

export const fileDtypes: Record<DType, SafetensorsDtype> = { f32: 'F32', bf16: 'BF16', i32: 'I32', u8: 'U8' }
