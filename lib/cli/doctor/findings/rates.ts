import { bytes, percent } from '../../format.js'
import type { Examination } from '../examination.js'
import { note, ok, problem, type Verdict } from './finding.js'

/** Repeats that lie further apart say that something else ran. */
const calmSpread = 0.1

export function rates({ rates, ratesProblem, machine, engine }: Examination): Verdict | undefined {
  if (ratesProblem !== null) return problem(`they could not be measured: ${ratesProblem}`)
  if (rates === null || engine === null) return undefined
  const { product, copy } = rates
  const spread = Math.max(product.spread, copy.spread)
  const { load } = machine
  if (load !== null && load > 0.5 * engine.threads.numThreads)
    return note(`other processes were running (load ${load.toFixed(1)}): a calm machine is faster`)
  if (spread > calmSpread) return note(`repeats differ by ± ${percent(spread)}: something else was running`)
  if (copy.isShortened)
    return note(`memory had room for copies of ${bytes(copy.bufferBytes)} only, in which caches may help`)
  return ok('measured on a calm machine')
}
