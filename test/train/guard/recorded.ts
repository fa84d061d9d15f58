// Runs that went well, as they were recorded: see test/fixtures/trajectories.
import { readFileSync } from 'node:fs'
import type { GuardMetrics } from '../../../lib/train/guard/index.js'

interface Recording {
  fields: (keyof GuardMetrics)[]
  seeds: Record<string, number[][]>
}

const file = new URL('../../fixtures/trajectories/quickstart.json', import.meta.url)

/** By seed, the steps of a quickstart. */
export function quickstarts(): Map<string, GuardMetrics[]> {
  const { fields, seeds } = JSON.parse(readFileSync(file, 'utf8')) as Recording
  const stepOf = (values: number[]) =>
    Object.fromEntries(fields.map((field, i) => [field, values[i]])) as unknown as GuardMetrics
  return new Map(Object.entries(seeds).map(([seed, steps]) => [seed, steps.map(stepOf)]))
}
