// What a GPU of the table would take: operations over its peak at an assumed utilisation, bytes over its bandwidth at an assumed
// share.

import type { ModelShape } from '../../model-shape.js'
import { numParameters } from '../../model-shape.js'
import { decodeFlops, decodeStepBytes, forwardFlops, totalFlops, trainingFlops } from '../flops.js'
import type { Rates } from '../rates.js'
import type { Gpu } from './table.js'

/** How much of what a data sheet promises is reached. Assumed, not measured: 0.4, 0.6 and 0.002 s are the command line's. */
export interface Utilisation {
  /** Share of the peak, 0 to 1, that training and forward passes reach (model FLOPs utilisation). */
  mfu: number
  /** Share of the bandwidth, 0 to 1, that decoding reaches. */
  bandwidthShare: number
  /** Seconds that a decode step takes besides: launches, sampling, scheduling. */
  stepOverhead: number
}

/** The command line's: 40% of the peak, 60% of the bandwidth, and 2 ms a decode step besides. */
export const defaultUtilisation: Utilisation = { mfu: 0.4, bandwidthShare: 0.6, stepOverhead: 2e-3 }

const bytesPerValue = 2
/** Of an update, for each weight: master weight, two moments read and written, the gradient read, all float32; the bf16 weight written. */
const updateBytes = 4 * (2 + 2 + 2 + 1) + bytesPerValue

/** `numDevices` divide the optimizer's state among them. */
export function hardwareRates(
  gpu: Gpu,
  shape: ModelShape,
  { mfu, bandwidthShare, stepOverhead, numDevices }: Utilisation & { numDevices: number },
): Rates {
  const flops = gpu.flops * mfu
  const bandwidth = gpu.bandwidth * bandwidthShare
  const forward: Rates['score'] = (pass) => totalFlops(forwardFlops(shape, pass)) / flops
  return {
    decodeStep({ batch, cachedTokens }) {
      const reading = decodeStepBytes(shape, { cachedTokens, bytesPerValue }) / bandwidth
      const computing = totalFlops(decodeFlops(shape, { tokens: batch, contextTokens: cachedTokens })) / flops
      return Math.max(reading, computing) + stepOverhead
    },
    program: () => 0,
    prompts: () => 0, // rendered on the host
    prefill: forward,
    score: forward,
    train: (pass, kind) => totalFlops(trainingFlops(shape, pass, kind)) / flops,
    update: () => (updateBytes * numParameters(shape)) / numDevices / bandwidth,
    reward: () => 0, // graded on the host's processors
  }
}
