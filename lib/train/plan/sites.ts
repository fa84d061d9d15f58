// Where the stages of a run would run: on this machine as it was calibrated, or on hardware of the table.
import type { ModelShape } from '../model-shape.js'
import type { Calibration } from './calibration/calibration.js'
import { calibratedRates } from './calibration/rates.js'
import type { Site } from './estimate.js'
import { type Hardware, hardwareOf } from './hardware/parse.js'
import { hardwareRates, type Utilisation } from './hardware/rates.js'
import { cpuLayout, gpuLayout } from './layout.js'

export function thisMachine(calibration: Calibration): Site {
  return { rates: calibratedRates(calibration), numDevices: 1, layout: cpuLayout, price: null }
}

export interface HardwareOptions {
  utilisation: Utilisation
  /** Dollars for a device and hour, instead of the table's. */
  price?: number | undefined
}

/** Of a stage. */
export function hardwareSite(
  entries: readonly Hardware[],
  stage: number,
  { shape, utilisation, price }: HardwareOptions & { shape: ModelShape },
): Site {
  const { gpu, count } = hardwareOf(entries, stage)
  return {
    rates: hardwareRates(gpu, shape, { ...utilisation, numDevices: count }),
    numDevices: count,
    layout: gpuLayout(count),
    price: price ?? gpu.price,
  }
}
