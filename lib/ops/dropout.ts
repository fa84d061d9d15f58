import { checkOptions, type OptionKeys, requireNumbers } from '../arguments.js'
import { call } from '../native.js'
import { record } from '../record.js'
import type { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/** Which draw of elements: another number for every micro-batch of a run, so that the same call drops the same again. */
export interface DropoutCall {
  /** Key of the random numbers: a whole number. */
  seed: number
  /** From 0 to 2³¹ − 1. */
  call: number
}

/** Which share of the elements is dropped, and which draw says which. */
export interface DropoutOptions extends DropoutCall {
  /** Share of elements that become 0, in [0, 1); the others are divided by 1 − rate. */
  rate: number
  /** From 0 to 2³¹ − 1: keeps the places of one model apart. Default 0. */
  site?: number
}

/**
 * x `[...]` with elements dropped: 0 with probability `rate`, else x / (1 − rate) (Srivastava et al., 2014). Element i is
 * dropped where the i-th uniform number of the call is below rate: Philox4x32-10 (Salmon et al., 2011) of seed, call, site and
 * i alone. So nothing is kept for backward, and a segment that is computed again drops the same.
 *
 * @throws {@link ArgumentError} for a rate outside [0, 1), a negative call or site, or more than 2³⁴ elements
 */
export function dropout(x: Tensor, options: DropoutOptions): Tensor {
  requireTensors('dropout', { x })
  checkOptions('dropout', options, optionKeys)
  const { rate, seed, call: index, site = 0 } = options
  requireNumbers('dropout', { rate, seed, call: index, site })
  const given = { rate, seed, call: index, site }
  return record(call('dropout', x.native, given), {
    name: 'dropout',
    inputs: [x],
    saved: [],
    backward: (dy) => [call('dropout', dy, given)],
  })
}

const optionKeys: OptionKeys<DropoutOptions> = { rate: true, seed: true, call: true, site: true }
