// Where two evaluations are not the same.
import { isDeepStrictEqual } from 'node:util'
import type { ResultAbout } from './result-record.js'

export interface DifferingSetting {
  key: string
  /** As JSON; none where only the other has it. */
  first: string
  second: string
}

/** Model, sets and protocol, setting by setting. A model of the same content is the same, whatever it is called. */
export function differingSettings(first: ResultAbout, second: ResultAbout): DifferingSetting[] {
  const [a, b] = [settingsOf(first), settingsOf(second)]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => !isDeepStrictEqual(a[key], b[key]) && !(key === 'model' && isSameModel(first.model, second.model)))
    .map((key) => ({ key, first: textOf(a[key]), second: textOf(b[key]) }))
}

const isSameModel = (a: ResultAbout['model'], b: ResultAbout['model']): boolean =>
  a.sha256 !== undefined && a.sha256 === b.sha256

function settingsOf({ model, protocol, sets }: ResultAbout): Record<string, unknown> {
  const byName = sets.map(({ name, ...set }) => [`set ${name}`, set])
  return { model, sets: sets.map(({ name }) => name), ...protocol, ...Object.fromEntries(byName) }
}

const textOf = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))
