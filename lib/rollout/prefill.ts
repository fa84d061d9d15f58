// A prefill: several prompts, or preempted sequences, packed into one forward that fills their cache blocks. Each
// sequence draws its next token from the last row of what it shares.
import { tensor } from '../create.js'
import type { Decoder } from '../models/decoder.js'
import type { KvCache } from '../models/kv-cache.js'
import { pack } from '../models/pack.js'
import { copyRows, gatherRows, type SampledTokens, type SamplingOptions, sampleToken } from '../ops/index.js'
import { scope } from '../scope.js'
import { noGrad } from '../tape.js'
import type { BlockCopy, PrefillEntry, Step } from './scheduler.js'
import { numTokens, type Sequence, slotOf, tokenAt } from './sequence.js'
import type { Sampled } from './step-runner.js'

type PrefillStep = Extract<Step, { kind: 'prefill' }>

/** In the order of the entries' sequences. */
export async function prefill(
  model: Decoder,
  cache: KvCache,
  step: PrefillStep,
  sampling: SamplingOptions,
): Promise<Sampled> {
  const { tokens, logprobs } = noGrad(() => scope(() => enqueue(model, cache, step, sampling)))
  using tokensHeld = tokens
  using logprobsHeld = logprobs
  const [tokenValues, logprobValues] = await Promise.all([tokensHeld.toArray(), logprobsHeld.toArray()])
  return { tokens: tokenValues as Int32Array, logprobs: logprobValues as Float32Array }
}

function enqueue(model: Decoder, cache: KvCache, step: PrefillStep, sampling: SamplingOptions): SampledTokens {
  const { device } = model.head
  const ints = (values: ArrayLike<number>) => tensor(Int32Array.from(values), { dtype: 'i32', device })
  const leaders = step.entries.map(leaderOf)
  const slots = ints(step.entries.flatMap((entry) => slotsOf(entry, cache.blockSize)))
  const hidden = model.forward(pack(leaders.map(tokensOf), { device }), { cache, slots })
  copyBlocks(cache, step.copies, ints)
  const sequences = step.entries.flatMap((entry) => entry.sequences)
  const last = gatherRows(hidden, ints(lastRows(step.entries)))
  const at = {
    sequenceIds: ints(sequences.map(({ sequenceId }) => sequenceId)),
    positions: ints(sequences.map(numTokens)),
  }
  return sampleToken(last, model.head, at, sampling)
}

const leaderOf = (entry: PrefillEntry): Sequence => entry.sequences[0] as Sequence

const tokensOf = (sequence: Sequence): Int32Array =>
  Int32Array.from({ length: numTokens(sequence) }, (_, position) => tokenAt(sequence, position))

/** Where each token's key and value go; −1 where the cache holds them. */
function slotsOf(entry: PrefillEntry, blockSize: number): number[] {
  const leader = leaderOf(entry)
  return Array.from({ length: numTokens(leader) }, (_, position) =>
    position < entry.numCached ? -1 : slotOf(leader, position, blockSize),
  )
}

/** The last row of each entry, once for each of its sequences. */
function lastRows(entries: readonly PrefillEntry[]): number[] {
  let end = 0
  return entries.flatMap((entry) => {
    end += numTokens(leaderOf(entry))
    return entry.sequences.map(() => end - 1)
  })
}

function copyBlocks(
  cache: KvCache,
  copies: readonly BlockCopy[],
  ints: (values: number[]) => ReturnType<typeof tensor>,
) {
  if (copies.length === 0) return
  const rows = { from: ints(copies.map(({ from }) => from)), to: ints(copies.map(({ to }) => to)) }
  for (const layer of [...cache.k, ...cache.v]) copyRows(layer, rows)
}
