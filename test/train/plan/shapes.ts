// Shapes that the planner's tests share.
import type { ModelShape } from '../../../lib/train/model-shape.js'

/** DeepSeek-R1-Distill-Qwen-1.5B. */
export const deepseek1p5b: ModelShape = {
  ...{ family: 'qwen2', vocabularySize: 151_936, width: 1536, feedForwardWidth: 8960, numLayers: 28 },
  ...{ numHeads: 12, numKvHeads: 2, headSize: 128, isHeadTied: false },
}

export const tinyShape: ModelShape = {
  ...{ family: 'qwen2', vocabularySize: 40, width: 32, feedForwardWidth: 48, numLayers: 2 },
  ...{ numHeads: 1, numKvHeads: 1, headSize: 32, isHeadTied: true },
}
