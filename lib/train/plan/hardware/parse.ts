// --hardware a100-80g:8,a100-80g:32: one entry for every stage, or one for each in order, of which the last goes on.

import { requireStrings } from '../../../arguments.js'
import { ArgumentError } from '../../../errors.js'
import { nearestName } from '../../../nearest-name.js'
import { type Gpu, gpus } from './table.js'

/** So many devices of a kind. */
export interface Hardware {
  /** One device. */
  gpu: Gpu
  /** How many of them divide the work of a step, at least 1. */
  count: number
}

/**
 * Hardware of the table as --hardware takes it: `a100-80g:8,a100-80g:32` is an entry for each stage in order, of which the last goes on;
 * a name alone is one device.
 * @throws {@link ArgumentError} that names what there is.
 */
export function parseHardware(text: string): Hardware[] {
  requireStrings('plan', { text })
  return text.split(',').map(parseEntry)
}

function parseEntry(entry: string): Hardware {
  const [name = '', number = '1', ...rest] = entry.trim().split(':')
  const gpu = gpus.find((gpu) => gpu.name === name.toLowerCase())
  const names = gpus.map((gpu) => gpu.name)
  if (!gpu) {
    const near = nearestName(name.toLowerCase(), names)
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    throw new ArgumentError(`[plan] expected ${names.join(', ')} for the hardware, got ${JSON.stringify(name)}${hint}`)
  }
  const count = Number(number)
  if (!/^\d+$/.test(number) || count < 1 || count > 100_000 || rest.length > 0)
    throw new ArgumentError(
      `[plan] expected ${name}:<number of devices> for the hardware, got ${JSON.stringify(entry.trim())}`,
    )
  return { gpu, count }
}

/** The entry of a stage. */
export const hardwareOf = (entries: readonly Hardware[], stage: number): Hardware =>
  entries[Math.min(stage, entries.length - 1)] as Hardware
