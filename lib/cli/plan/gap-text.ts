// A plan beside a published run of the same sizes, and what the run took its hours for.
import type { PhaseEstimate } from '../../train/plan/estimate.js'
import { hoursOf } from '../../train/plan/estimate.js'
import type { Gap } from '../../train/plan/published/gap.js'
import { table } from '../format.js'
import { dollars, grouped, wrapped } from './units.js'

export function gapText({ run, terms, explained }: Gap, phases: readonly PhaseEstimate[]): string {
  const stages = phases.filter(({ name }) => name.startsWith('stage'))
  const own = stages.reduce((sum, phase) => sum + (hoursOf(phase, phase.expected) ?? 0) * phase.numDevices, 0)
  const counted = terms.slice(0, 2).reduce((sum, { gpuHours }) => sum + gpuHours, 0)
  const rest = run.gpuHours - explained
  const rows = terms.map(({ what, gpuHours, isAssumed }) => [
    what,
    grouped(gpuHours),
    isAssumed ? 'assumed' : 'reckoned',
  ])
  rows.push(
    ['together', grouped(explained), ''],
    [rest >= 0 ? 'left unexplained' : 'explained too much', grouped(rest), ''],
    [`published: ${dollars(run.dollars)}`, grouped(run.gpuHours), ''],
  )
  const devices = run.stages.map(({ numDevices }) => numDevices).join(', ')
  return [
    wrapped(
      `${run.name} took ${grouped(run.gpuHours)} GPU hours on ${run.gpu}, ${devices} devices by stage (${run.source}). ` +
        `This plan's stages take ${grouped(own)} as expected; the operations of the original alone would take ${grouped(counted)} at 40% of the peak.`,
      { indent: '' },
    ),
    table(['what the original took its hours for', 'GPU hours', ''], rows),
    wrapped(
      'Reckoned: from its sizes and the mean answers above, of which only those of the first stage are published; ' +
        'assumed: what its programs took besides, which nobody published. See docs/planner.md.',
      { indent: '' },
    ),
  ].join('\n\n')
}
