// What `lengthen data difficulty` says of a row: the share of a model's sampled answers that were right. Pure.
import { ArgumentError } from '../../errors.js'
import type { Row } from '../row.js'

export interface PassRate {
  passRate: number
  numSamples: number
}

/** Of the row's `passRate` and `numSamples`; a row that lacks them, or has others, is an error that names it. */
export function passRateOf({ id, passRate, numSamples = 1 }: Row): PassRate {
  const isShare = typeof passRate === 'number' && passRate >= 0 && passRate <= 1
  if (isShare && Number.isSafeInteger(numSamples) && (numSamples as number) >= 1)
    return { passRate, numSamples: numSamples as number }
  const got = `passRate ${JSON.stringify(passRate) ?? 'none'} and numSamples ${JSON.stringify(numSamples)}`
  throw new ArgumentError(`[select] expected a passRate from 0 to 1 in row ${JSON.stringify(id)}, got ${got}`)
}
