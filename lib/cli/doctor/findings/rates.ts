import { bytes, percent } from '../../format.js'
import type { Examination } from '../examination.js'
import { note, ok, problem, type Verdict } from './finding.js'

/** Repeats that lie further apart say that something else ran. */
const calmSpread = 0.1

export function rates({ rates, ratesProblem, machine }: Examination): Verdict | undefined {
  if (ratesProblem !== null) return problem(`they could not be measured: ${ratesProblem}`)
  if (rates === null) return undefined
  const { product, copy } = rates
  const spread = Math.max(product.spread, copy.spread)
  const differ = `repeats differ by ± ${percent(spread)}`
  const load = machine.load === null ? '' : ` (load ${machine.load.toFixed(1)})`
  if (spread > calmSpread) return note(`${differ}: something else was running${load}, and a calm machine is faster`)
  if (copy.isShortened)
    return note(`memory had room for copies of ${bytes(copy.bufferBytes)} only, in which caches may help`)
  return ok(`measured: ${differ}`)
}
