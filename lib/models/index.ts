// Decoders, and what goes in and out of them.
export { type CreateOptions, createModel } from './create.js'
export { type DecodeBatch, Decoder, type ForwardOptions } from './decoder.js'
export { type DecoderConfig, parseDecoderConfig } from './decoder-config.js'
export { KvCache, type KvCacheOptions } from './kv-cache.js'
export { type LoadOptions, loadDecoder, loadModel } from './load.js'
export { type Batch, pack } from './pack.js'
export { saveModel } from './save.js'
