// Keys and values of all layers, in blocks of positions that sequences take as they grow.

import { checkOptions, type OptionKeys, requireNumbers, requireObjects } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import type { PagedCache } from '../ops/paged-attention.js'
import { withoutScope } from '../scope.js'
import { Tensor, type TensorOptions } from '../tensor.js'
import type { DecoderConfig } from './decoder-config.js'

/** Size and place of a cache; f32. */
export interface KvCacheOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** N, blocks of each layer. */
  numBlocks: number
  /** S, positions in a block: a multiple of 16. Default 16. */
  blockSize?: number
}

/** What a cache needs to know of a decoder. */
export type CacheShape = Pick<DecoderConfig, 'numLayers' | 'numKvHeads' | 'headSize'>

const optionKeys: OptionKeys<KvCacheOptions> = { numBlocks: true, blockSize: true, dtype: true, device: true }

const kBlockStep = 16

/**
 * Keys and values of all layers, in blocks of positions that sequences take as they grow (PagedAttention, Kwon et al., 2023).
 * Which block is whose is for the caller to say: see `ops.PagedContext`.
 */
export class KvCache {
  /** N, of each layer. */
  readonly numBlocks: number
  /** S, positions in a block. */
  readonly blockSize: number
  /** Per layer `[N, K, D, S]`. */
  readonly k: readonly Tensor[]
  /** Per layer `[N, K, S, D]`. */
  readonly v: readonly Tensor[]

  /**
   * Takes no memory before the first write. It belongs to no scope: dispose() gives the memory back.
   * @param config The decoder's shape; a DecoderConfig has it.
   * @param given How many blocks, of how many tokens, where.
   * @throws {@link ArgumentError} for a block size that is no multiple of 16, or an option of another name
   */
  constructor(config: CacheShape, given: KvCacheOptions) {
    requireObjects('kv_cache', { config })
    checkOptions('kv_cache', given, optionKeys)
    const { numBlocks, blockSize = kBlockStep, ...options } = given
    requireNumbers('kv_cache', { numBlocks })
    if (!Number.isInteger(blockSize / kBlockStep) || blockSize <= 0)
      throw new ArgumentError(`[kv_cache] expected a multiple of ${kBlockStep} for blockSize, got ${blockSize}`)
    const { numLayers, numKvHeads: K, headSize: D } = config
    const layers = (shape: number[]) =>
      withoutScope(() => Array.from({ length: numLayers }, () => Tensor.empty(shape, options)))
    this.numBlocks = numBlocks
    this.blockSize = blockSize
    this.k = layers([numBlocks, K, D, blockSize])
    this.v = layers([numBlocks, K, blockSize, D])
  }

  /** Bytes of one block over all layers, keys and values in f32. */
  static bytesPerBlock({ numLayers, numKvHeads, headSize }: CacheShape, blockSize = kBlockStep): number {
    return 2 * numLayers * numKvHeads * headSize * blockSize * Float32Array.BYTES_PER_ELEMENT
  }

  /**
   * Keys and values of one layer, counted from 0.
   *
   * @throws {@link ArgumentError} for a layer that is not there
   */
  layer(index: number): PagedCache {
    const k = this.k[index]
    const v = this.v[index]
    if (k && v) return { k, v }
    throw new ArgumentError(`[kv_cache] expected a layer below ${this.k.length}, got ${index}`)
  }

  /** Gives the memory back once no queued op needs it. */
  dispose(): void {
    for (const tensor of [...this.k, ...this.v]) tensor.dispose()
  }

  /** As dispose(), at the end of a `using` declaration's block. */
  [Symbol.dispose](): void {
    this.dispose()
  }
}
