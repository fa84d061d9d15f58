import { call } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'

/** Rows of the table. weight [V, C], tokens i32 [T] → [T, C]. A token outside the vocabulary fails the op. */
export function embedding(weight: Tensor, tokens: Tensor): Tensor {
  const vocabularySize = weight.shape[0] ?? 0
  return record(call('embedding', weight.native, tokens.native), {
    name: 'embedding',
    inputs: [weight],
    saved: [tokens],
    backward: (dy, [tokens]) => [call('embedding_backward', dy, tokens, vocabularySize)],
  })
}
