// A plan beside what happened, for people.
import { type ComparedPhase, comparedTotal, type Split, sumOf } from '../../train/plan/comparison/compare.js'
import { count, percent, table } from '../format.js'
import { time, wrapped } from './units.js'

export function comparisonText(phases: readonly ComparedPhase[]): string {
  const isRehearsed = phases.some(({ peakBytes }) => peakBytes.rehearsed !== null)
  const parts = [tokensTable(phases), secondsTable(phases), ...(isRehearsed ? [memoryTable(phases)] : []), notes]
  return parts.join('\n\n')
}

function tokensTable(phases: readonly ComparedPhase[]): string {
  const or = (value: number) => (value > 0 ? count(value) : '–')
  const rows = phases.map(({ name, count: steps, tokens, trainedTokens }) => [
    ...[name, `${steps}`, count(tokens.expected), count(tokens.happened)],
    ...[or(trainedTokens.expected), or(trainedTokens.happened)],
  ])
  return table(['tokens', 'steps', 'sampled, expected', 'happened', 'learned from, expected', 'happened'], rows)
}

function secondsTable(phases: readonly ComparedPhase[]): string {
  const all = comparedTotal(phases)
  const rows = [...phases, { name: 'all', ...all }].map(
    ({ name, seconds: { expected, givenLengths, happened }, error }) => [
      ...[name, time(sumOf(expected)), splitText(givenLengths), time(sumOf(givenLengths))],
      ...[splitText(happened), time(sumOf(happened)), `${error >= 0 ? '+' : '−'}${percent(Math.abs(error))}`],
    ],
  )
  const header = ['time', 'as expected', 'given the lengths', 'in all', 'happened', 'in all', 'off by']
  return table(header, rows)
}

const splitText = ({ rollout, learning }: Split): string =>
  learning > 0 ? `${time(rollout)} + ${time(learning)}` : time(rollout)

function memoryTable(phases: readonly ComparedPhase[]): string {
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 2)
  const rows = phases.map(({ name, peakBytes: { planned, rehearsed } }) => [
    ...[name, gigabytes(planned), rehearsed === null ? '–' : gigabytes(rehearsed)],
  ])
  return table(['memory, GB', 'planned at most', 'its worst batch, rehearsed'], rows)
}

const notes = wrapped(
  'Rollout + learning. "As expected" is the plan as it is made before a run, for as many steps. "Given the lengths" is the same plan with the ' +
    'mean and the longest answer of every step, and the tokens that were learned from: it asks only whether the rates are right, and ' +
    '"off by" is that sum against what happened.',
  { indent: '' },
)
