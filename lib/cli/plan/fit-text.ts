// Why a run does not fit, and what to change.
import type { Excess, Proposal } from '../../train/plan/fit.js'
import { wrapped } from './units.js'

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

export function fitText(excesses: readonly Excess[], proposal: Proposal | undefined): string {
  const lines = excesses.map(({ phase, place, peak, capacity }) => {
    const name = phase === 'evaluation' ? 'the evaluation' : `stage ${phase + 1}`
    return `[plan] expected at most ${gigabytes(capacity)} for ${name} on ${place}, got ${gigabytes(peak)}`
  })
  return [...lines, adviceText(proposal)].map((line) => wrapped(line)).join('\n')
}

function adviceText(proposal: Proposal | undefined): string {
  if (!proposal)
    return 'No smaller micro-batch or cache, recomputing, 8-bit moments, adapters or other hardware tried makes it fit.'
  return `It fits with ${proposal.flags.join(' ')}: ${gigabytes(proposal.peak)} at most.`
}
