// A second decoder with the weights of a first: the reference of a KL term, say.

import { requireInstances } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { emptyInit } from '../nn/init.js'
import { copy } from '../ops/in-place.js'
import { withoutScope } from '../scope.js'
import type { Tensor } from '../tensor.js'
import { Decoder } from './decoder.js'
import { applyLora } from './lora/apply.js'

/**
 * A decoder of its own memory with the same values, adapters included, which asks for no gradients: the reference of a KL term,
 * say. It belongs to no scope; the caller disposes of it.
 */
export function copyModel(model: Decoder): Decoder {
  requireInstances('copy', Decoder, { model })
  const { config, json, lora } = model
  const { dtype, device } = model.head
  const init = emptyInit({ dtype, device, vectorDtype: model.norm.weight.dtype })
  const result = withoutScope(() => new Decoder(config, { init, json: { ...json } }))
  if (lora) applyLora(result, lora)
  for (const parameter of result.parameters()) parameter.requiresGrad = false
  copyWeights(result, model)
  return result
}

/**
 * Writes the weights of one decoder, adapters included, over those of another of the same shape, in queue order.
 *
 * @throws {@link ArgumentError} where one has a parameter that the other has not, or shapes or dtypes differ
 */
export function copyWeights(target: Decoder, source: Decoder): void {
  requireInstances('copy', Decoder, { target, source })
  const to = target.namedParameters()
  const from = source.namedParameters()
  const alone = [...to.keys()].find((path) => !from.has(path)) ?? [...from.keys()].find((path) => !to.has(path))
  if (alone !== undefined)
    throw new ArgumentError(`[copy] expected decoders with the same parameters, got ${alone} in one of them only`)
  const paths = new Map([...to].map(([path, parameter]) => [parameter, path]))
  for (const [parameter, path] of paths) copy(parameter, from.get(path) as Tensor)
}
