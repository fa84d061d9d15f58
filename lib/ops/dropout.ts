import { call } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'

/** Which draw of elements: another number for every micro-batch of a run, so that the same call drops the same again. */
export interface DropoutCall {
  seed: number
  /** From 0 to 2³¹ − 1. */
  call: number
}

export interface DropoutOptions extends DropoutCall {
  /** Share of elements that become 0, in [0, 1); the others are divided by 1 − rate. */
  rate: number
  /** Keeps the places of one model apart. */
  site?: number
}

/**
 * x with elements dropped. Which ones depends on seed, call, site and the element's place in x alone, so nothing is kept for
 * backward, and a segment that is computed again drops the same.
 */
export function dropout(x: Tensor, { rate, seed, call: index, site = 0 }: DropoutOptions): Tensor {
  const options = { rate, seed, call: index, site }
  return record(call('dropout', x.native, options), {
    name: 'dropout',
    inputs: [x],
    saved: [],
    backward: (dy) => [call('dropout', dy, options)],
  })
}
