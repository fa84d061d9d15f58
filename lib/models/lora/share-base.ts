// A second decoder on the memory of a first one's frozen weights: a reference that costs an adapter's memory, not a model's.

import { requireInstances } from '../../arguments.js'
import { ArgumentError } from '../../errors.js'
import type { Init } from '../../nn/init.js'
import { copy } from '../../ops/in-place.js'
import { withoutScope } from '../../scope.js'
import type { Tensor } from '../../tensor.js'
import { Decoder } from '../decoder.js'
import { adaptersOf, applyLora, isAdapterPath } from './apply.js'

/**
 * A decoder that reads the model's own matrices, with adapters of its own that hold what the model's hold now: a reference that
 * costs an adapter's memory. It asks for no gradients; the caller disposes of it. Biases and norms are copied: they are small,
 * and frozen as the matrices are.
 *
 * @throws {@link ArgumentError} for a model without adapters
 */
export function shareBase(model: Decoder): Decoder {
  requireInstances('lora', Decoder, { model })
  const { config, json, lora } = model
  if (!lora) throw new ArgumentError('[lora] expected a model with adapters, got one without')
  const result = withoutScope(() => new Decoder(config, { init: sharedMatrices(model), json: { ...json } }))
  applyLora(result, lora)
  for (const parameter of result.parameters()) parameter.requiresGrad = false
  const from = model.namedParameters()
  for (const [path, parameter] of result.namedParameters())
    if (parameter.shape.length === 1) copy(parameter, from.get(path) as Tensor)
  copyAdapters(result, model)
  return result
}

/**
 * Writes the adapters of one decoder over those of another of the same shape, in queue order.
 *
 * @throws {@link ArgumentError} where the target has an adapter that the source has not
 */
export function copyAdapters(target: Decoder, source: Decoder): void {
  requireInstances('lora', Decoder, { target, source })
  const from = adaptersOf(source)
  for (const [path, { a, b }] of adaptersOf(target)) {
    const adapter = from.get(path)
    if (!adapter) throw new ArgumentError(`[lora] expected an adapter at ${path} in the source, got none`)
    copy(a, adapter.a)
    copy(b, adapter.b)
  }
}

// A decoder makes its matrices in the order in which it lists them.
function sharedMatrices(model: Decoder): Init {
  const own = [...model.namedParameters()].filter(([path, { shape }]) => shape.length === 2 && !isAdapterPath(path))
  const matrices = [...new Map(own.map(([, matrix]) => [matrix, matrix])).values()].values()
  const next = () => (matrices.next().value as Tensor).detach()
  return Object.assign(next, { vectorDtype: model.norm.weight.dtype })
}
