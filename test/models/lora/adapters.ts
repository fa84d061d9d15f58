// Adapters as they are after some training, without the training.
import type { Decoder } from '../../../lib/models/decoder.js'
import { adaptersOf } from '../../../lib/models/lora/apply.js'
import { normalValues } from '../../../lib/nn/init.js'

let numCalls = 0

/** Other values of `b` with every call. */
export function learnSomething(model: Decoder, deviation = 0.1): void {
  numCalls++
  for (const [path, { b }] of adaptersOf(model))
    b.write(normalValues(b.numElements, { seed: numCalls, name: path, deviation }))
}
