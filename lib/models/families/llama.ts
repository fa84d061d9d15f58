// Llama 2 and 3: no biases.
import { type Family, kCommonLayerNames } from './family.js'

export const llama: Family = {
  architecture: 'LlamaForCausalLM',
  hasQkvBias: false,
  hasQkNorms: false,
  defaultHeadSize: null,
  fixedKeys: { attention_bias: false, mlp_bias: false },
  layerNames: kCommonLayerNames,
}
