// The policy that a KL term holds the trained one near: the weights that the run began with, or a stage that begins anew with its own.
import { copyModel, copyWeights } from '../models/copy.js'
import type { Decoder } from '../models/decoder.js'
import { weightsOf } from '../models/load.js'
import { adapterTensors } from '../models/lora/apply.js'
import { copyAdapters, shareBase } from '../models/lora/share-base.js'
import type { Tensor } from '../tensor.js'

export interface PolicyReference extends Disposable {
  readonly decoder: Decoder
  /** Becomes the trained policy as it is now. */
  reset(): void
  /** What a checkpoint holds of it. */
  tensors(): ReadonlyMap<string, Tensor>
}

/** A copy of the weights; of a model with adapters, adapters of its own on the same base. The caller disposes of it. */
export const policyReference = (model: Decoder): PolicyReference =>
  model.lora === null ? copyOf(model) : adaptersOn(model)

function copyOf(model: Decoder): PolicyReference {
  const decoder = copyModel(model)
  return {
    decoder,
    reset: () => copyWeights(decoder, model),
    tensors: () => weightsOf(decoder),
    [Symbol.dispose]: () => decoder.dispose(),
  }
}

function adaptersOn(model: Decoder): PolicyReference {
  const decoder = shareBase(model)
  return {
    decoder,
    reset: () => copyAdapters(decoder, model),
    tensors: () => adapterTensors(decoder),
    [Symbol.dispose]: () => decoder.dispose(),
  }
}
