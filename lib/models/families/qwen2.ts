// Qwen2 and Qwen2.5, and what was distilled into them: biases on queries, keys and values.
import { type Family, kCommonLayerNames } from './family.js'

export const qwen2: Family = {
  architecture: 'Qwen2ForCausalLM',
  hasQkvBias: true,
  hasQkNorms: false,
  defaultHeadSize: null,
  fixedKeys: { use_sliding_window: false },
  layerNames: kCommonLayerNames,
}
