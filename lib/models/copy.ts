// A second decoder with the weights of a first: the reference of a KL term, say.
import { emptyInit } from '../nn/init.js'
import { copy } from '../ops/in-place.js'
import { withoutScope } from '../scope.js'
import { Decoder } from './decoder.js'

/** A decoder of its own memory, which asks for no gradients. The caller disposes of it. */
export function copyModel(model: Decoder): Decoder {
  const { config, json } = model
  const { dtype, device } = model.head
  const result = withoutScope(() => new Decoder(config, { init: emptyInit({ dtype, device }), json: { ...json } }))
  for (const parameter of result.parameters()) parameter.requiresGrad = false
  copyWeights(result, model)
  return result
}

/** Writes the weights of one decoder over those of another of the same shape. */
export function copyWeights(target: Decoder, source: Decoder): void {
  const from = source.parameters()
  for (const [i, parameter] of target.parameters().entries()) copy(parameter, from[i] as (typeof from)[number])
}
