/**
 * Building blocks of models: modules, whose fields are their parameters, and the first values of these. `forward()` makes a
 * tensor that belongs to the scope around the call. Letters of dimensions as in `ops`; C is a model's width, `[...]` any shape.
 *
 * @module
 */
export { Embedding, type EmbeddingOptions } from './embedding.js'
export { emptyInit, type Init, normalInit } from './init.js'
export { Linear, type LinearOptions } from './linear.js'
export { LoraAdapter, type LoraAdapterOptions } from './lora.js'
export { Mlp, type MlpOptions } from './mlp.js'
export { Module } from './module.js'
export { RmsNorm, type RmsNormOptions } from './rms-norm.js'
export { type Attend, type AttentionContext, SelfAttention, type SelfAttentionOptions } from './self-attention.js'
