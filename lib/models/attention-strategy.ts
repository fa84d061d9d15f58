// The three ways in which one decoder attends. The bits of a row are the same in all of them.

import type { Attend } from '../nn/self-attention.js'
import { attention } from '../ops/attention.js'
import { pagedAttention, pagedKvWrite } from '../ops/paged-attention.js'
import type { Tensor } from '../tensor.js'
import type { KvCache } from './kv-cache.js'

/** How layer i attends. */
export type AttentionStrategy = (layer: number) => Attend

/** Training and scoring: each packed sequence against itself. */
export const packedAttention =
  (cuSeqlens: Tensor): AttentionStrategy =>
  () =>
  (q, k, v) =>
    attention(q, k, v, { cuSeqlens })

/** As packedAttention, and keys and values go into the cache at `slots` i32 [T]. */
export const prefillAttention =
  (cuSeqlens: Tensor, { cache, slots }: { cache: KvCache; slots: Tensor }): AttentionStrategy =>
  (layer) =>
  (q, k, v) => {
    pagedKvWrite(k, v, cache.layer(layer), slots)
    return attention(q, k, v, { cuSeqlens })
  }

export interface DecodePlaces {
  /** i32 [B]: where the new key and value go (block · S + offset); −1 for a row that is not in use. */
  slots: Tensor
  /** i32 `[B, M]`: the cache blocks of each sequence, in order. */
  blockTables: Tensor
  /** i32 [B]: positions to attend to, the new one included. */
  contextLengths: Tensor
}

/** One new token a sequence, against the cache. */
export const decodeAttention =
  (cache: KvCache, { slots, blockTables, contextLengths }: DecodePlaces): AttentionStrategy =>
  (layer) =>
  (q, k, v) => {
    const paged = cache.layer(layer)
    pagedKvWrite(k, v, paged, slots)
    return pagedAttention(q, paged, { blockTables, contextLengths })
  }
