// The policy that a KL term holds the trained one near: the weights that the run began with, or a stage that begins anew with its own.
import { modelReference, type Reference } from '../grpo/reference.js'
import { copyModel, copyWeights } from '../models/copy.js'
import type { Decoder } from '../models/decoder.js'
import { weightsOf } from '../models/load.js'
import { adapterTensors } from '../models/lora/apply.js'
import { copyAdapters, shareBase } from '../models/lora/share-base.js'
import type { Tensor } from '../tensor.js'

export interface PolicyReference extends Reference, Disposable {
  /** Becomes the trained policy as it is now. */
  reset(): void
  /** What a checkpoint holds of it. */
  tensors(): ReadonlyMap<string, Tensor>
}

/** A copy of the weights; of a model with adapters, adapters of its own on the same base. The caller disposes of it. */
export function policyReference(model: Decoder): PolicyReference {
  const isAdapted = model.lora !== null
  const decoder = isAdapted ? shareBase(model) : copyModel(model)
  return {
    ...modelReference(decoder),
    reset: () => (isAdapted ? copyAdapters : copyWeights)(decoder, model),
    tensors: () => (isAdapted ? adapterTensors : weightsOf)(decoder),
    [Symbol.dispose]: () => decoder.dispose(),
  }
}
