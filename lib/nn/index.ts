// Building blocks of models.
export { Embedding, type EmbeddingOptions } from './embedding.js'
export { emptyInit, type Init, normalInit } from './init.js'
export { Linear, type LinearOptions } from './linear.js'
export { LoraAdapter, type LoraAdapterOptions } from './lora.js'
export { Mlp, type MlpOptions } from './mlp.js'
export { Module } from './module.js'
export { RmsNorm, type RmsNormOptions } from './rms-norm.js'
export { type Attend, type AttentionContext, SelfAttention, type SelfAttentionOptions } from './self-attention.js'
