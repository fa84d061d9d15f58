import { checkOptions, type OptionKeys } from '../arguments.js'
import { callMany, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/** How scores are made. */
export interface AttentionOptions {
  /** Factor on the scores q kᵀ; 1/√D unless given. */
  scale?: number | undefined
  /** Whether a query sees no key after its own position. Default true. */
  isCausal?: boolean | undefined
}

/**
 * softmax(scale · q kᵀ) v within each of B packed sequences; query head h reads key/value head ⌊h / (H/K)⌋ (grouped-query
 * attention, Ainslie et al., 2023). q `[T, H, D]`, k and v `[T, K, D]`, cuSeqlens i32 [B+1] rising from 0 to T → `[T, H, D]`.
 *
 * Scores are never in memory as a whole: an online softmax in tiles (FlashAttention, Dao et al., 2022). Backward keeps the
 * arguments, the result and each row's log-sum-exp `[T, H]`, and computes the probabilities again from it, as FlashAttention-2
 * (Dao, 2023) does. A row's bits depend on its query and on what it attends to alone: they are the same in another batch, and
 * in {@link pagedAttention}.
 *
 * @throws {@link ArgumentError} for arguments of other shapes, or H that is no multiple of K; offsets that do not rise from 0 to T
 * fail the op when it runs
 * @throws {@link UnsupportedError} unless D is a multiple of 8 up to 256
 *
 * @example
 * ```ts
 * import { ops, tensor, zeros } from 'lengthen'
 *
 * // Sequences of 3 and 2 tokens, packed: 4 heads of queries, 2 of keys and values.
 * const q = zeros([5, 4, 8])
 * const k = zeros([5, 2, 8])
 * const v = zeros([5, 2, 8])
 * const cuSeqlens = tensor([0, 3, 5], { dtype: 'i32' })
 * const mixed = ops.attention(q, k, v, { cuSeqlens }) // [5, 4, 8]
 * ```
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions & { cuSeqlens: Tensor }): Tensor {
  checkOptions('attention', options, optionKeys)
  requireTensors('attention', { q, k, v, cuSeqlens: options.cuSeqlens })
  const { cuSeqlens, scale = defaultScale(q), isCausal = true } = options
  const results = callMany('attention', q.native, k.native, v.native, cuSeqlens.native, scale, isCausal)
  const [o, lse] = results as [NativeTensor, NativeTensor]
  return record(o, {
    name: 'attention',
    inputs: [q, k, v],
    saved: [q, k, v, o, lse, cuSeqlens],
    backward: (dy, [q, k, v, o, lse, cuSeqlens]) =>
      callMany('attention_backward', dy, q, k, v, o, lse, cuSeqlens, scale, isCausal),
  })
}

const optionKeys: OptionKeys<AttentionOptions & { cuSeqlens: Tensor }> = {
  cuSeqlens: true,
  scale: true,
  isCausal: true,
}

/** 1/√D for q [..., D]: one place, so that decoding and training scale alike. */
export const defaultScale = (q: Tensor): number => 1 / Math.sqrt(q.shape.at(-1) ?? 1)
