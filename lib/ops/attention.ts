import { callMany, type NativeTensor } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'

export interface AttentionOptions {
  /** Of the scores; 1/√D unless given. */
  scale?: number | undefined
  isCausal?: boolean | undefined
}

/**
 * softmax(scale · q kᵀ) v within each of B packed sequences; heads share K/V heads in groups of H/K.
 * q [T, H, D], k and v [T, K, D], cuSeqlens i32 [B+1] from 0 to T → [T, H, D].
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { cuSeqlens, scale = defaultScale(q), isCausal = true }: AttentionOptions & { cuSeqlens: Tensor },
): Tensor {
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

/** 1/√D for q [..., D]: one place, so that decoding and training scale alike. */
export const defaultScale = (q: Tensor): number => 1 / Math.sqrt(q.shape.at(-1) ?? 1)
