// Names of the Qwen2 family's weights in a checkpoint, by our parameters' paths.

const kLayerNames: Record<string, string> = {
  'attention.query': 'self_attn.q_proj',
  'attention.key': 'self_attn.k_proj',
  'attention.value': 'self_attn.v_proj',
  'attention.output': 'self_attn.o_proj',
  attentionNorm: 'input_layernorm',
  mlpNorm: 'post_attention_layernorm',
  'mlp.gate': 'mlp.gate_proj',
  'mlp.up': 'mlp.up_proj',
  'mlp.down': 'mlp.down_proj',
}

const kTopNames: Record<string, string> = {
  'embedding.weight': 'model.embed_tokens.weight',
  'norm.weight': 'model.norm.weight',
  head: 'lm_head.weight',
}

/** 'layers.0.mlp.up.weight' → 'model.layers.0.mlp.up_proj.weight' */
export function checkpointName(path: string): string {
  const top = kTopNames[path]
  if (top !== undefined) return top
  const [, layer, part, kind] = /^layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(path) ?? []
  const name = part === undefined ? undefined : kLayerNames[part]
  if (name === undefined) throw new Error(`no checkpoint name for parameter ${path}`)
  return `model.layers.${layer}.${name}.${kind}`
}
