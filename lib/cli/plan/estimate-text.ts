// What a run would take, for people: tokens, times, cost, memory, and what all that rests on. No line is longer than 100 characters.
import { type Case, dollarsOf, hoursOf, type PhaseEstimate } from '../../train/plan/estimate.js'
import type { Utilisation } from '../../train/plan/hardware/rates.js'
import type { RunPlan } from '../../train/plan/plan-run.js'
import { totalSeconds } from '../../train/plan/rates.js'
import { count, percent, table } from '../format.js'
import { memoryRows } from '../plan-text.js'
import { dollars, grouped, hours, operations, time, wrapped } from './units.js'

export function estimateText(run: RunPlan, utilisation: Utilisation): string {
  const { plan, phases } = run
  const heading = wrapped(`${plan.recipe}: ${count(plan.numParameters)} parameters; ${whereText(run)}`)
  if (phases.length === 0) return [heading, memoryTable(run)].join('\n\n')
  const tables = [tokensTable(run), timesTable(phases), totalsTable(phases), memoryTable(run)]
  return [heading, ...tables, assumptionsText(run, utilisation)].join('\n\n')
}

function whereText({ hardware, calibration }: RunPlan): string {
  if (hardware) return hardware.map(({ gpu, count }) => `${count} × ${gpu.name}`).join(', then ')
  if (!calibration) return 'this machine'
  const { what, measuredAt, spread, load, seconds } = calibration
  const loadText = load === null ? '' : `; ${load.toFixed(1)} processes wanted each processor`
  const when = measuredAt.slice(0, 16).replace('T', ' ')
  return `this machine, ${what} timed for ${seconds.toFixed(0)} s on ${when} UTC, repeats ±${percent(spread)}${loadText}`
}

const stepsText = ({ count }: PhaseEstimate): string => (count === null ? 'open' : grouped(count))

/** Of all steps, where there is a number of them; of one step otherwise. */
const times = ({ count }: PhaseEstimate): number => count ?? 1

function tokensTable({ phases }: RunPlan): string {
  const rows = phases.map((phase) => {
    const { name, atMost, expected } = phase
    const all = (value: number) => count(times(phase) * value)
    const or = (value: number) => (value > 0 ? all(value) : '–')
    return [
      ...[name, stepsText(phase), or(atMost.sampledTokens), or(expected.sampledTokens)],
      ...[or(atMost.trainedTokens), or(expected.trainedTokens), operations(times(phase) * expected.flops)],
    ]
  })
  const header = ['tokens', 'steps', 'sampled, at most', 'expected', 'learned from, at most', 'expected', 'operations']
  return table(header, rows)
}

function timesTable(phases: readonly PhaseEstimate[]): string {
  const rows = phases.map((phase) => {
    const { decode, prefill, reward, reference, training, update } = phase.expected.seconds
    const cells = [prefill, decode, reward, reference, training, update]
    return [phase.name, ...cells.map((seconds) => (seconds > 0 ? time(times(phase) * seconds) : '–'))]
  })
  return table(['time, as expected', 'prompts', 'decoding', 'rewards', 'reference', 'training', 'updates'], rows)
}

function totalsTable(phases: readonly PhaseEstimate[]): string {
  const sum = (of: (phase: PhaseEstimate) => number | null) =>
    phases.reduce((total, phase) => total + (of(phase) ?? 0), 0)
  const all: Totals = {
    name: phases.some(({ count }) => count === null) ? 'all that is not open' : 'all',
    devices: '',
    atMost: sum((phase) => hoursOf(phase, phase.atMost)),
    expected: sum((phase) => hoursOf(phase, phase.expected)),
    deviceHours: sum((phase) => (hoursOf(phase, phase.expected) ?? 0) * phase.numDevices),
    dollarsAtMost: sum((phase) => dollarsOf(phase, phase.atMost)),
    dollarsExpected: sum((phase) => dollarsOf(phase, phase.expected)),
  }
  const hasPrice = phases.some(({ price }) => price !== null)
  const rows = [...phases.map(totalsOf), all].map((totals) => totalsRow(totals, { hasPrice }))
  const money = hasPrice ? ['devices', 'device hours', 'cost, at most', 'expected'] : []
  return table(['in all', 'at most', 'expected', ...money], rows)
}

/** Hours and dollars, null where nothing says them; of one step, where the number of steps is open. */
interface Totals {
  name: string
  devices: string
  atMost: number
  expected: number
  deviceHours: number | null
  dollarsAtMost: number | null
  dollarsExpected: number | null
}

function totalsOf(phase: PhaseEstimate): Totals {
  const hours = (of: Case) => (times(phase) * totalSeconds(of.seconds)) / 3600
  const deviceHours = hoursOf(phase, phase.expected)
  return {
    name: phase.count === null ? `${phase.name}, a step` : phase.name,
    devices: grouped(phase.numDevices),
    atMost: hours(phase.atMost),
    expected: hours(phase.expected),
    deviceHours: deviceHours && deviceHours * phase.numDevices,
    dollarsAtMost: dollarsOf(phase, phase.atMost),
    dollarsExpected: dollarsOf(phase, phase.expected),
  }
}

function totalsRow(totals: Totals, { hasPrice }: { hasPrice: boolean }): string[] {
  const { name, devices, atMost, expected, deviceHours, dollarsAtMost, dollarsExpected } = totals
  const cells = [name, time(3600 * atMost), time(3600 * expected)]
  if (!hasPrice) return cells
  const money = (value: number | null) => (value === null ? '–' : dollars(value))
  return [
    ...cells,
    devices,
    deviceHours === null ? '–' : hours(deviceHours),
    money(dollarsAtMost),
    money(dollarsExpected),
  ]
}

const mostColumns = 6

/** Where there are many stages: those at either end, and what takes the most. */
function memoryTable({ plan }: RunPlan): string {
  const stages = plan.stages.map(({ memory }, i) => ({ name: `stage ${i + 1}`, memory }))
  const shown = stages.length > mostColumns ? [...stages.slice(0, 2), ...stages.slice(-3)] : stages
  const columns = [...shown, { name: 'evaluation', memory: plan.evaluationMemory }]
  const header = ['memory of a device, GB', ...columns.map(({ name }) => name)]
  return table(header, memoryRows(columns.map(({ memory }) => memory)))
}

function assumptionsText({ plan, expectation, hardware, phases }: RunPlan, utilisation: Utilisation): string {
  const { promptTokens, promptWhat, mixedShare, mixedWhat } = expectation
  const answers = plan.stages.map(({ maxResponseTokens }, i) => {
    const { mean, what } = expectation.lengths(i, maxResponseTokens)
    return `stage ${i + 1} ${grouped(mean)} of ${grouped(maxResponseTokens)} tokens (${what})`
  })
  const learnsAlways = plan.stages.every(({ klWeight, entropyWeight }) => klWeight > 0 || entropyWeight > 0)
  const lines = [
    'Expected, and neither known nor at most:',
    `- mean answers: ${answers.join('; ')}. --mean-tokens sets them`,
    `- mean prompt: ${promptTokens.toFixed(0)} tokens (${promptWhat}). --mean-prompt-tokens sets it`,
  ]
  if (!learnsAlways)
    lines.push(`- ${percent(mixedShare)} of the groups teach anything (${mixedWhat}). --trained-share sets it`)
  if (phases.some(({ name }) => name === 'distill')) lines.push('- the supervised phase goes on for all of its steps')
  if (hardware) lines.push(...hardwareLines(hardware, utilisation))
  return lines.map((line) => wrapped(line)).join('\n')
}

function hardwareLines(hardware: NonNullable<RunPlan['hardware']>, utilisation: Utilisation): string[] {
  const { mfu, bandwidthShare, stepOverhead } = utilisation
  const kinds = [...new Map(hardware.map(({ gpu }) => [gpu.name, gpu])).values()]
  return [
    `- products at ${percent(mfu)} of the peak, decoding at ${percent(bandwidthShare)} of the bandwidth and ` +
      `${(1000 * stepOverhead).toFixed(1)} ms a decode step besides: assumed. --mfu, --bandwidth-share, --step-overhead-ms set them`,
    '- bf16 beside float32 master weights, data parallel, the optimizer divided among devices, no time for messages: what is ' +
      'planned for GPUs; this version computes in float32 on one device',
    ...kinds.flatMap(({ name, flops, bandwidth, memory, price, specSource, priceSource, remark }) => [
      `- ${name}: ${(flops / 1e12).toFixed(0)} TFLOP/s, ${(bandwidth / 1e9).toFixed(0)} GB/s, ${(memory / 1e9).toFixed(0)} GB ` +
        `(${specSource})${remark === undefined ? '' : `; ${remark}`}`,
      `- ${name}: ${dollars(price)} an hour (${priceSource}). --price sets another`,
    ]),
  ]
}
