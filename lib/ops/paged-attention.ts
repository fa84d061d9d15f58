// Attention against keys and values that lie in blocks of S positions, for decoding. Nothing here has a gradient.
import { call, run } from '../native.js'
import { Tensor } from '../tensor.js'
import { defaultScale } from './attention.js'

export interface PagedCache {
  /** [N, K, D, S]: keys are stored transposed, so that scores vectorise over positions. */
  k: Tensor
  /** [N, K, S, D] */
  v: Tensor
}

/** Writes k and v [T, K, D] into the cache at slots i32 [T] (block · S + offset); slot −1 is skipped. In place. */
export function pagedKvWrite(k: Tensor, v: Tensor, cache: PagedCache, slots: Tensor): void {
  run('paged_kv_write', k.native, v.native, cache.k.target, cache.v.target, slots.native)
}

export interface PagedContext {
  /** i32 [B, M]: the blocks of each sequence, in order. */
  blockTables: Tensor
  /** i32 [B]: positions to attend to, the newest included; 0 gives zeros. */
  contextLengths: Tensor
  /** Of the scores; 1/√D unless given. */
  scale?: number
}

/** One query a sequence: q [B, H, D] → [B, H, D], bit for bit the row that `attention` gives at that position. */
export function pagedAttention(
  q: Tensor,
  cache: PagedCache,
  { blockTables, contextLengths, scale = defaultScale(q) }: PagedContext,
): Tensor {
  const context = [blockTables.native, contextLengths.native] as const
  return Tensor.wrap(call('paged_attention', q.native, cache.k.native, cache.v.native, ...context, scale))
}
