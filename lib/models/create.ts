// A decoder with random weights.

import { checkOptions, type OptionKeys, requireNumbers } from '../arguments.js'
import { emptyInit, normalValues } from '../nn/init.js'
import { requireSizes } from '../nn/sizes.js'
import type { TensorOptions } from '../tensor.js'
import { Decoder } from './decoder.js'
import { checkHeads, type DecoderConfig, decoderDefaults } from './decoder-config.js'
import { weightsOf } from './load.js'

/** Random weights: `dtype` is that of the matrices; biases and norms are f32. */
export interface CreateOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** Names the random streams, together with the weights' names. */
  seed: number
  /**
   * Factor on the deviation of the projections into the residual stream (attention's output, the feed-forward's down); 0 starts
   * every layer as the identity. Default 1.
   */
  residualScale?: number
}

/**
 * What must be said of a decoder, and what may be: the rest is decoderDefaults, a key/value head for each head, and a head size
 * of width / numHeads.
 */
export type NewDecoder = Pick<
  DecoderConfig,
  'vocabularySize' | 'width' | 'feedForwardWidth' | 'numLayers' | 'numHeads'
> &
  Partial<DecoderConfig>

/**
 * A decoder with normal weights of deviation initializerRange, biases 0, norms 1. Each tensor's values depend on the seed and
 * its name in a checkpoint alone.
 *
 * @throws {@link ArgumentError} for a size or an option that is unknown, missing or out of range
 * @throws {@link FileFormatError} where the heads do not divide the width, or the key/value heads the heads
 * @throws {@link UnsupportedError} for a head size that is no multiple of 8 up to 256
 *
 * @example
 * ```ts
 * import { createModel } from 'lengthen'
 *
 * const sizes = { vocabularySize: 1000, width: 64, feedForwardWidth: 192, numLayers: 2, numHeads: 4 }
 * using model = createModel(sizes, { seed: 1 })
 * console.log(model.parameters().length)
 * ```
 */
export function createModel(decoder: NewDecoder, options: CreateOptions): Decoder {
  checkOptions('model', decoder, decoderKeys, 'decoder')
  const { vocabularySize, width, feedForwardWidth, numLayers, numHeads } = decoder
  requireSizes('model', { vocabularySize, width, feedForwardWidth, numLayers, numHeads })
  checkOptions('model', options, optionKeys)
  const { seed, residualScale = 1, dtype = 'f32', device = 'cpu' } = options
  requireNumbers('model', { seed, residualScale })
  const config = configOf(decoder)
  checkHeads(config, 'model')
  const model = new Decoder(config, { init: emptyInit({ dtype, device, vectorDtype: 'f32' }) })
  for (const [name, parameter] of weightsOf(model)) {
    if (parameter.shape.length < 2) continue
    const isResidual = name.endsWith('.o_proj.weight') || name.endsWith('.down_proj.weight')
    const deviation = config.initializerRange * (isResidual ? residualScale : 1)
    parameter.write(normalValues(parameter.numElements, { seed, name, deviation }))
  }
  return model
}

const configOf = (decoder: NewDecoder): DecoderConfig => ({
  ...decoderDefaults,
  ...{ numKvHeads: decoder.numHeads, headSize: decoder.width / decoder.numHeads },
  ...decoder,
})

const optionKeys: OptionKeys<CreateOptions> = { seed: true, residualScale: true, dtype: true, device: true }

const decoderKeys: OptionKeys<NewDecoder> = {
  family: true,
  vocabularySize: true,
  width: true,
  feedForwardWidth: true,
  numLayers: true,
  numHeads: true,
  numKvHeads: true,
  headSize: true,
  maxPositions: true,
  normEpsilon: true,
  isHeadTied: true,
  initializerRange: true,
  ropeTheta: true,
  ropeScaling: true,
}
