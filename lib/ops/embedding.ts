import { call } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/**
 * y[t] = weight[tokens[t]]: rows of the table. weight f32 or bf16 `[V, C]`, tokens i32 [T] → f32 `[T, C]`. Backward keeps
 * tokens; ∂weight[v] is the sum of dy[t] over t with tokens[t] = v, in the order of t.
 *
 * @throws {@link ArgumentError} for arguments of other ranks or dtypes; a token outside [0, V) fails the op when it runs
 */
export function embedding(weight: Tensor, tokens: Tensor): Tensor {
  requireTensors('embedding', { weight, tokens })
  const vocabularySize = weight.shape[0] ?? 0
  return record(call('embedding', weight.native, tokens.native), {
    name: 'embedding',
    inputs: [weight],
    saved: [tokens],
    backward: (dy, [tokens]) => [call('embedding_backward', dy, tokens, vocabularySize)],
  })
}
