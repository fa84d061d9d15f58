// Qwen3: no biases, norms on queries and keys, heads of a size of their own.
import { type Family, kCommonLayerNames } from './family.js'

export const qwen3: Family = {
  architecture: 'Qwen3ForCausalLM',
  hasQkvBias: false,
  hasQkNorms: true,
  defaultHeadSize: 128,
  fixedKeys: { attention_bias: false, use_sliding_window: false },
  layerNames: {
    ...kCommonLayerNames,
    'attention.queryNorm': 'self_attn.q_norm',
    'attention.keyNorm': 'self_attn.k_norm',
  },
}
