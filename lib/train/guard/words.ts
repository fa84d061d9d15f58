// Numbers and steps as the guard tells them.
import type { GuardMetrics } from './metrics.js'

export const inWords = (value: number): string => String(Number(value.toPrecision(3)))

export const percent = (share: number): string => `${Number((share * 100).toFixed(1))}%`

export function stepsInWords(steps: readonly GuardMetrics[]): string {
  const [first, last] = [steps[0]?.step, steps.at(-1)?.step]
  return first === last ? `step ${first}` : `steps ${first} to ${last}`
}
