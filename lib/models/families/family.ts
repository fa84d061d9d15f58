// What sets one family of decoders apart from another: data, so that the decoder itself is one class.

export interface Family {
  /** config.json's architectures. */
  architecture: string
  /** Of the query, key and value projections. */
  hasQkvBias: boolean
  /** RMS norms over the head size, on each head's queries and keys before they are rotated. */
  hasQkNorms: boolean
  /** Where config.json has no head_dim; null: hidden_size / num_attention_heads. */
  defaultHeadSize: number | null
  /** Keys that config.json may hold with this value only; anything else asks for what the decoder does not do. */
  fixedKeys: Readonly<Record<string, boolean>>
  /** Names of a layer's modules in a checkpoint, by our paths. */
  layerNames: Readonly<Record<string, string>>
}

/** What all families so far call alike. */
export const kCommonLayerNames = {
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
