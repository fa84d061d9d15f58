// The samples of a run, as samples.jsonl lists them.
import { join } from 'node:path'
import { ArgumentError } from '../../errors.js'
import { readJsonl } from '../../io/jsonl.js'
import type { SampleRecord } from '../run/sample-record.js'

/** Of one step, or of all. */
export async function* samplesOf(
  run: string,
  { step }: { step?: number | undefined } = {},
): AsyncGenerator<SampleRecord> {
  for await (const { value } of readJsonl(join(run, 'samples.jsonl'))) {
    const record = value as SampleRecord
    if (step === undefined || record.step === step) yield record
  }
}

/** One sample, with how many prompts its step sampled before its own. */
export async function findSample(
  run: string,
  { step, sample }: { step: number; sample: number },
): Promise<{ record: SampleRecord; index: number }> {
  const prompts = new Set<string>()
  let last = -1
  for await (const record of samplesOf(run, { step })) {
    prompts.add(`${record.round}:${record.prompt}`)
    if (record.sample === sample) return { record, index: prompts.size - 1 }
    last = record.sample
  }
  if (last < 0) throw new ArgumentError(`[replay] expected a step that ${run} has samples of, got ${step}`)
  throw new ArgumentError(`[replay] expected a sample from 0 to ${last} of step ${step}, got ${sample}`)
}
