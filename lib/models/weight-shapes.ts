// The shape of every weight of a decoder, from its configuration alone: a checkpoint is compared with it before anything is
// made that costs memory.
import type { DecoderConfig } from './decoder-config.js'
import { familyOf } from './families/index.js'
import { checkpointName } from './weight-names.js'

export type WeightShape = readonly [name: string, shape: readonly number[]]

/** By their names in a checkpoint, one after the other: a configuration may claim more layers than there is room for. */
export function* weightShapes(config: DecoderConfig): Generator<WeightShape> {
  const { vocabularySize, width, numLayers, isHeadTied } = config
  const family = familyOf(config)
  yield [checkpointName('embedding.weight', family), [vocabularySize, width]]
  const layer = layerShapes(config)
  for (let i = 0; i < numLayers; i++)
    for (const [path, shape] of layer) yield [checkpointName(`layers.${i}.${path}`, family), shape]
  yield [checkpointName('norm.weight', family), [width]]
  if (!isHeadTied) yield [checkpointName('head', family), [vocabularySize, width]]
}

function layerShapes(config: DecoderConfig): WeightShape[] {
  const { width, feedForwardWidth, numHeads, numKvHeads, headSize } = config
  const { hasQkvBias, hasQkNorms } = familyOf(config)
  const shapes: WeightShape[] = [
    ['attentionNorm.weight', [width]],
    ['mlpNorm.weight', [width]],
    ['attention.output.weight', [width, numHeads * headSize]],
    ['mlp.gate.weight', [feedForwardWidth, width]],
    ['mlp.up.weight', [feedForwardWidth, width]],
    ['mlp.down.weight', [width, feedForwardWidth]],
  ]
  for (const [part, heads] of Object.entries({ query: numHeads, key: numKvHeads, value: numKvHeads })) {
    shapes.push([`attention.${part}.weight`, [heads * headSize, width]])
    if (hasQkvBias) shapes.push([`attention.${part}.bias`, [heads * headSize]])
  }
  if (hasQkNorms) for (const part of ['query', 'key']) shapes.push([`attention.${part}Norm.weight`, [headSize]])
  return shapes
}
