// What two runs have in common: everything in their files but what the clock says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const clock = ['seconds', 'rolloutTokensPerSecond', 'trainTokensPerSecond']

type Json = Record<string, unknown>

export const withoutClock = (value: Json): Json =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !clock.includes(key)))

/** The objects of a file of JSON lines, metrics.jsonl unless said otherwise. */
export const metricsIn = (run: string, name = 'metrics.jsonl'): Json[] =>
  readFileSync(join(run, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => withoutClock(JSON.parse(line) as Json))
