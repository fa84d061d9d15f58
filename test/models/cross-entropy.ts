// The loss that the fixtures were made with.
import { tensor } from '../../lib/create.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { pack } from '../../lib/models/pack.js'
import { gatherRows, mean, neg, tokenLogprob } from '../../lib/ops/index.js'
import type { Tensor } from '../../lib/tensor.js'

const ints = (values: number[]) => tensor(values, { dtype: 'i32' })

/** Mean next-token cross entropy over all sequences. */
export function crossEntropy(model: Decoder, sequences: number[][], options: { useRecompute?: boolean } = {}): Tensor {
  const rows: number[] = []
  const targets: number[] = []
  let start = 0
  for (const sequence of sequences) {
    sequence.slice(1).forEach((token, i) => {
      rows.push(start + i)
      targets.push(token)
    })
    start += sequence.length
  }
  const hidden = gatherRows(model.forward(pack(sequences), options), ints(rows))
  return neg(mean(tokenLogprob(hidden, model.head, ints(targets)).logprobs))
}
