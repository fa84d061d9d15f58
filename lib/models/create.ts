// A decoder with random weights.
import { emptyInit, normalValues } from '../nn/init.js'
import type { TensorOptions } from '../tensor.js'
import { Decoder } from './decoder.js'
import { checkHeads, type DecoderConfig } from './decoder-config.js'
import { weightsOf } from './load.js'

export interface CreateOptions extends Pick<TensorOptions, 'device'> {
  seed: number
}

/**
 * Normal weights of deviation initializerRange, biases 0, norms 1. Each tensor's values depend on the seed and its name in a
 * checkpoint alone.
 */
export function createModel(config: DecoderConfig, { seed, device = 'cpu' }: CreateOptions): Decoder {
  checkHeads(config, 'model')
  const model = new Decoder(config, { init: emptyInit({ device }) })
  for (const [name, parameter] of weightsOf(model)) {
    if (parameter.shape.length < 2) continue
    parameter.write(normalValues(parameter.numElements, { seed, name, deviation: config.initializerRange }))
  }
  return model
}
