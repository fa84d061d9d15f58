// The model that is measured: the recipe's own where it is small, else slices of one and two layers of its sizes with a smaller
// vocabulary, from which the whole is reckoned.
import { createModel } from '../../../models/create.js'
import { Decoder } from '../../../models/decoder.js'
import type { DecoderConfig } from '../../../models/decoder-config.js'
import { applyLora } from '../../../models/lora/apply.js'
import { emptyInit } from '../../../nn/init.js'
import { type ModelShape, numParameters } from '../../model-shape.js'
import { adapterOptions } from '../../recipe/lora.js'
import type { Recipe } from '../../recipe/recipe.js'

/** More parameters than these are measured by slices. */
export const mostParameters = 20_000_000
const sliceVocabulary = 16_384

export interface Slice {
  numLayers: number
  vocabularySize: number
}

/** One slice: the whole model. Two: of one and two layers. */
export function slicesOf(shape: ModelShape): Slice[] {
  const { numLayers, vocabularySize } = shape
  if (numParameters(shape) <= mostParameters) return [{ numLayers, vocabularySize }]
  const vocabulary = Math.min(vocabularySize, sliceVocabulary)
  return [1, 2].map((layers) => ({ numLayers: layers, vocabularySize: vocabulary }))
}

export function sliceModel(recipe: Recipe, shape: ModelShape, { slice, maxPositions }: SliceOptions): Decoder {
  const rest = { maxPositions, normEpsilon: 1e-6, ropeTheta: 10_000, initializerRange: 0.02 }
  const config: DecoderConfig = { ...shape, ...slice, ...rest, isHeadTied: true }
  const model = numParameters(config) <= mostParameters ? createModel(config, { seed: 1 }) : filledModel(config)
  if (recipe.model.lora) applyLora(model, { ...adapterOptions(recipe.model.lora), seed: 1 })
  return model
}

export interface SliceOptions {
  slice: Slice
  maxPositions: number
}

/** Values that are quickly made: how long a product takes does not depend on them. */
function filledModel(config: DecoderConfig): Decoder {
  const model = new Decoder(config, { init: emptyInit() })
  for (const parameter of model.parameters())
    parameter.write(
      Float32Array.from({ length: parameter.numElements }, (_, i) => (((i * 7919) % 1024) - 512) / 2 ** 14),
    )
  return model
}
