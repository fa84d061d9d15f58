// Floating-point operations and bytes of passes through a decoder, a multiplication and an addition counted as two.
// Products: 2 operations a weight and token, and as many again for the gradient of each of its two factors (Kaplan et al. 2020,
// "Scaling Laws for Neural Language Models", section 2.1). Attention: scores and values are two products of 2·H·D operations for
// each pair of tokens, and causal attention has half of the pairs; its backward has five such products, since scores are computed
// again (Dao 2023, "FlashAttention-2", section 4.1). Norms, activations and the softmax are left out: they are thousandths.
import { type ModelShape, products } from '../model-shape.js'
import type { Pass } from './pass.js'

/** Weights that a token is multiplied by in the layers. */
export const layerWeights = (shape: ModelShape): number =>
  products(shape)
    .slice(0, -1)
    .reduce((sum, product) => sum + product.out * product.in * product.count, 0)

export const headWeights = ({ width, vocabularySize }: ModelShape): number => width * vocabularySize

export interface Flops {
  products: number
  attention: number
}

export const totalFlops = ({ products, attention }: Flops): number => products + attention

/** Of a forward pass. */
export function forwardFlops(shape: ModelShape, { tokens, rows, squares }: Pass): Flops {
  return {
    products: 2 * (layerWeights(shape) * tokens + headWeights(shape) * rows),
    attention: attentionFlops(shape, squares / 2),
  }
}

export interface TrainingKind {
  /** The layers' forward runs again in backward. */
  useRecompute: boolean
  /** False where the weights of the layers and the head are frozen, as with LoRA: no gradient of theirs is computed. */
  hasWeightGradients: boolean
}

/** Of forward and backward. */
export function trainingFlops(
  shape: ModelShape,
  pass: Pass,
  { useRecompute, hasWeightGradients }: TrainingKind,
): Flops {
  const forward = forwardFlops(shape, pass)
  const again = useRecompute ? forwardFlops(shape, { ...pass, rows: 0 }) : { products: 0, attention: 0 }
  return {
    products: forward.products * (hasWeightGradients ? 3 : 2) + again.products,
    attention: forward.attention * (1 + backwardShareOfAttention) + again.attention,
  }
}

const backwardShareOfAttention = 2.5

/** Of tokens decoded one at a time; `contextTokens` is the sum of the contexts that they were drawn with. */
export function decodeFlops(
  shape: ModelShape,
  { tokens, contextTokens }: { tokens: number; contextTokens: number },
): Flops {
  return {
    products: 2 * (layerWeights(shape) + headWeights(shape)) * tokens,
    attention: attentionFlops(shape, contextTokens),
  }
}

/** Scores and values of so many pairs of tokens. */
const attentionFlops = ({ numLayers, numHeads, headSize }: ModelShape, pairs: number): number =>
  4 * numLayers * numHeads * headSize * pairs

/** What one decode step reads: every weight once, whatever the batch, and the keys and values of all contexts. */
export function decodeStepBytes(
  shape: ModelShape,
  { cachedTokens, bytesPerValue }: { cachedTokens: number; bytesPerValue: number },
): number {
  const weights = layerWeights(shape) + headWeights(shape)
  return bytesPerValue * (weights + cachedTokens * keyValueWidth(shape))
}

/** Values of keys and values of one token, over all layers. */
export const keyValueWidth = ({ numLayers, numKvHeads, headSize }: ModelShape): number =>
  2 * numLayers * numKvHeads * headSize
