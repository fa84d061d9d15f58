// Attention against keys and values that lie in blocks of S positions, for decoding. Nothing here has a gradient.

import { checkOptions, type OptionKeys, requireObjects } from '../arguments.js'
import { call, run } from '../native.js'
import { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'
import { defaultScale } from './attention.js'

/** Keys and values of one layer in N blocks of S positions, S a multiple of 16 (PagedAttention, Kwon et al., 2023). */
export interface PagedCache {
  /** f32 `[N, K, D, S]`: keys are stored transposed, so that scores vectorise over positions. */
  k: Tensor
  /** f32 `[N, K, S, D]`. */
  v: Tensor
}

/**
 * Writes k and v f32 `[T, K, D]` into the cache, in place: token t goes to slots[t] = block · S + offset, slots i32 [T], all
 * different; slot −1 is skipped. No gradient.
 *
 * @throws {@link ArgumentError} for arguments of other shapes; a slot outside [−1, N·S) fails the op when it runs
 * @throws {@link UnsupportedError} unless D is a multiple of 8 up to 256
 */
export function pagedKvWrite(k: Tensor, v: Tensor, cache: PagedCache, slots: Tensor): void {
  requireObjects('paged_kv_write', { cache })
  requireTensors('paged_kv_write', { k, v, 'cache.k': cache.k, 'cache.v': cache.v, slots })
  run('paged_kv_write', k.native, v.native, cache.k.target, cache.v.target, slots.native)
}

/** Where each sequence's keys and values are. */
export interface PagedContext {
  /** i32 `[B, M]`: the blocks of each sequence, in order. Those beyond the context are not read. */
  blockTables: Tensor
  /** i32 [B]: positions to attend to, the newest included, at most M·S; 0 gives zeros. */
  contextLengths: Tensor
  /** Factor on the scores q kᵀ; 1/√D unless given. */
  scale?: number
}

/**
 * softmax(scale · q kᵀ) v of one query a sequence against the cache (PagedAttention, Kwon et al., 2023): q f32 `[B, H, D]` →
 * `[B, H, D]`, bit for bit the row that {@link attention} gives at that position. No gradient.
 *
 * @throws {@link ArgumentError} for arguments of other shapes, or H that is no multiple of K; a length or a block out of range fails
 * the op when it runs
 * @throws {@link UnsupportedError} unless D is a multiple of 8 up to 256
 */
export function pagedAttention(q: Tensor, cache: PagedCache, context: PagedContext): Tensor {
  requireObjects('paged_attention', { cache })
  checkOptions('paged_attention', context, contextKeys, 'context')
  const { blockTables, contextLengths } = context
  requireTensors('paged_attention', { q, 'cache.k': cache.k, 'cache.v': cache.v, blockTables, contextLengths })
  const { scale = defaultScale(q) } = context
  const where = [blockTables.native, contextLengths.native] as const
  return Tensor.wrap(call('paged_attention', q.native, cache.k.native, cache.v.native, ...where, scale))
}

const contextKeys: OptionKeys<PagedContext> = { blockTables: true, contextLengths: true, scale: true }
