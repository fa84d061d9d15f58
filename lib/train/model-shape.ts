// A model's sizes, and what they say of its weights.
import type { DecoderConfig } from '../models/decoder-config.js'
import { familyOf } from '../models/families/index.js'
import type { Recipe } from './recipe/recipe.js'

/** The sizes of a decoder that its weights follow from. */
export type ModelShape = Pick<
  DecoderConfig,
  'family' | 'vocabularySize' | 'width' | 'feedForwardWidth' | 'numLayers' | 'numHeads' | 'numKvHeads' | 'headSize'
> &
  Pick<DecoderConfig, 'isHeadTied'>

type ShapeSection = NonNullable<Recipe['model']['shape']>

/** A recipe's words for a shape in the model's own. */
export const shapeOfSection = (section: ShapeSection): ModelShape => ({
  family: section.family,
  vocabularySize: section.vocabularySize,
  width: section.hiddenSize,
  feedForwardWidth: section.intermediateSize,
  numLayers: section.numLayers,
  numHeads: section.numHeads,
  numKvHeads: section.numKeyValueHeads,
  headSize: section.headSize ?? section.hiddenSize / section.numHeads,
  isHeadTied: section.tieEmbeddings,
})

/** Every product's weight [out, in] with how many there are. */
export function products(shape: ModelShape): { out: number; in: number; count: number }[] {
  const { width, feedForwardWidth, numHeads, numKvHeads, headSize, numLayers, vocabularySize } = shape
  return [
    { out: numHeads * headSize, in: width, count: numLayers },
    { out: numKvHeads * headSize, in: width, count: 2 * numLayers },
    { out: width, in: numHeads * headSize, count: numLayers },
    { out: feedForwardWidth, in: width, count: 2 * numLayers },
    { out: width, in: feedForwardWidth, count: numLayers },
    { out: vocabularySize, in: width, count: 1 },
  ]
}

/** Of a decoder of this shape; a tied head counts once. */
export function numParameters(shape: ModelShape): number {
  const { width, numHeads, numKvHeads, headSize, numLayers, vocabularySize, isHeadTied } = shape
  const { hasQkvBias, hasQkNorms } = familyOf(shape)
  const matrices = products(shape).reduce((sum, product) => sum + product.out * product.in * product.count, 0)
  const biases = hasQkvBias ? (numHeads + 2 * numKvHeads) * headSize : 0
  const norms = 2 * width + (hasQkNorms ? 2 * headSize : 0)
  return matrices + numLayers * (biases + norms) + width + (isHeadTied ? 0 : vocabularySize * width)
}
