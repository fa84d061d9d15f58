// Keys and values of all layers, in blocks of positions that sequences take as they grow.
import { ArgumentError } from '../errors.js'
import type { PagedCache } from '../ops/paged-attention.js'
import { withoutScope } from '../scope.js'
import { Tensor, type TensorOptions } from '../tensor.js'
import type { DecoderConfig } from './decoder-config.js'

export interface KvCacheOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  numBlocks: number
  /** Positions in a block: a multiple of 16. */
  blockSize?: number
}

type CacheShape = Pick<DecoderConfig, 'numLayers' | 'numKvHeads' | 'headSize'>

const kBlockStep = 16

export class KvCache {
  readonly numBlocks: number
  readonly blockSize: number
  /** Per layer [N, K, D, S]. */
  readonly k: readonly Tensor[]
  /** Per layer [N, K, S, D]. */
  readonly v: readonly Tensor[]

  /** Takes no memory before the first write. It belongs to no scope: dispose() gives the memory back. */
  constructor(config: CacheShape, { numBlocks, blockSize = kBlockStep, ...options }: KvCacheOptions) {
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

  /** Bytes of one block over all layers, keys and values. */
  static bytesPerBlock({ numLayers, numKvHeads, headSize }: CacheShape, blockSize = kBlockStep): number {
    return 2 * numLayers * numKvHeads * headSize * blockSize * Float32Array.BYTES_PER_ELEMENT
  }

  layer(index: number): PagedCache {
    const k = this.k[index]
    const v = this.v[index]
    if (k && v) return { k, v }
    throw new ArgumentError(`[kv_cache] expected a layer below ${this.k.length}, got ${index}`)
  }

  dispose(): void {
    for (const tensor of [...this.k, ...this.v]) tensor.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
