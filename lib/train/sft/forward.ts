// Packed examples through the model: the log-probability of every learned token.
import { tensor } from '../../create.js'
import type { Decoder, ForwardOptions } from '../../models/decoder.js'
import { pack } from '../../models/pack.js'
import { gatherRows, tokenLogprob } from '../../ops/index.js'
import type { Tensor } from '../../tensor.js'
import type { PackedExamples } from './layout.js'

/** `[R]`: see PackedExamples. */
export function learnedLogprobs(
  model: Decoder,
  { sequences, rows, targets }: PackedExamples,
  options: Pick<ForwardOptions, 'useRecompute' | 'dropout'> = {},
): Tensor {
  const { device } = model.head
  const hidden = gatherRows(model.forward(pack(sequences, { device }), options), tensor(rows, { device }))
  return tokenLogprob(hidden, model.head, tensor(targets, { device })).logprobs
}
