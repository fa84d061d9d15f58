// Runs a reward over a step's answers. A reward that throws, takes too long or returns no finite number leaves its answer
// without a score: it is counted and named, never taken for a 0.
import { messageOf, RewardError } from '../errors.js'
import type { Reward, RewardSample, Score } from './reward.js'
import type { Verdict } from './verdict.js'

export interface ScoreOptions {
  /** For one call, in milliseconds. It cannot stop a function that never returns to the event loop. */
  deadlineMs?: number
  /** Calls under way at once, of a reward without scoreAll. */
  concurrency?: number
  /** Stops everything. */
  signal?: AbortSignal | undefined
}

export interface RewardReport {
  reward: string
  numSamples: number
  numMissing: number
  /** The first of the missing, in the order of the samples. */
  first?: { rowId: string; message: string }
}

export interface Scores {
  /** By sample; undefined where the reward failed. */
  scores: (number | undefined)[]
  /** The same with what they are made of, or why there is none. */
  verdicts: Verdict[]
  report: RewardReport
}

export async function scoreSamples(
  reward: Reward,
  samples: readonly RewardSample[],
  { deadlineMs = 10_000, concurrency = 64, signal }: ScoreOptions = {},
): Promise<Scores> {
  const results = reward.scoreAll
    ? await scoreTogether(reward, samples, { deadlineMs, signal })
    : await scoreEach(reward, samples, { deadlineMs, concurrency, signal })
  const verdicts = results.map(verdictOf)
  return {
    scores: verdicts.map(({ score }) => score ?? undefined),
    verdicts,
    report: reportOf(reward, samples, verdicts),
  }
}

/** Fails where more than this share of a step's samples has no score. */
export function requireScored(report: RewardReport, maxMissingShare = 0.05): void {
  const { reward, numMissing, numSamples, first } = report
  if (numMissing <= maxMissingShare * numSamples) return
  const share = `more than ${Number((maxMissingShare * 100).toFixed(6))}%`
  const example = first === undefined ? '' : `; first: row ${JSON.stringify(first.rowId)}: ${first.message}`
  throw new RewardError(`[reward ${reward}] ${numMissing} of ${numSamples} samples have no score, ${share}${example}`)
}

/** Groups without the samples that have no score; a group that lost all of them is dropped. */
export function keepScored<T>(groups: readonly (readonly T[])[], scoreOf: (sample: T) => number | undefined): T[][] {
  const kept = groups.map((group) => group.filter((sample) => scoreOf(sample) !== undefined))
  return kept.filter((group) => group.length > 0)
}

async function scoreTogether(
  reward: Reward,
  samples: readonly RewardSample[],
  options: { deadlineMs: number; signal: AbortSignal | undefined },
): Promise<Score[]> {
  options.signal?.throwIfAborted()
  const scores = await askTogether(reward, samples, options)
  const got = Array.isArray(scores) ? scores.length : String(scores)
  if (got !== samples.length)
    throw new RewardError(`[reward ${nameOf(reward)}] expected ${samples.length} scores of scoreAll, got ${got}`)
  return (scores as Score[]).map((score) => (isWithout(score) ? score : checked(score)))
}

/** A scoreAll that throws has given no sample a score. */
async function askTogether(
  { scoreAll }: Reward,
  samples: readonly RewardSample[],
  options: { deadlineMs: number; signal: AbortSignal | undefined },
): Promise<unknown> {
  try {
    return await scoreAll?.(samples, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    return samples.map(() => ({ why: messageOf(error) }))
  }
}

async function scoreEach(
  reward: Reward,
  samples: readonly RewardSample[],
  { deadlineMs, concurrency, signal }: { deadlineMs: number; concurrency: number; signal: AbortSignal | undefined },
): Promise<Score[]> {
  const results = new Array<Score>(samples.length)
  // One listener on the caller's signal, however many calls are under way.
  const running = new Set<AbortController>()
  const stopAll = () => {
    for (const controller of running) controller.abort(signal?.reason)
  }
  let numBegun = 0
  const work = async () => {
    while (numBegun < samples.length) {
      signal?.throwIfAborted()
      const index = numBegun++
      results[index] = await scoreOne(reward, samples[index] as RewardSample, { deadlineMs, signal, running })
    }
  }
  signal?.addEventListener('abort', stopAll)
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, samples.length) }, work))
  } finally {
    signal?.removeEventListener('abort', stopAll)
  }
  return results
}

type Call = { deadlineMs: number; signal: AbortSignal | undefined; running: Set<AbortController> }

async function scoreOne(reward: Reward, sample: RewardSample, call: Call): Promise<Score> {
  try {
    return checked(await withDeadline((signal) => reward({ row: sample.row, text: sample.text, signal }), call))
  } catch (error) {
    call.signal?.throwIfAborted()
    return { why: messageOf(error) }
  }
}

const isWithout = (score: Score): score is { why: string } =>
  typeof score === 'object' && score !== null && !('score' in score)

/** A verdict goes through the run's journal as JSON, which has no NaN. */
function checked(score: number | (Verdict & { score: number })): Score {
  const verdict: Partial<Verdict> = typeof score === 'object' && score !== null ? score : { score }
  const { outcome, parts = {} } = verdict
  const named = [['score', verdict.score] as const, ['outcome', outcome ?? 0] as const, ...Object.entries(parts)]
  const wrong = named.find(([, value]) => typeof value !== 'number' || !Number.isFinite(value))
  if (!wrong) return score
  const [name, value] = wrong
  return { why: `expected a finite number${name === 'score' ? '' : ` for ${name}`}, got ${String(value)}` }
}

function verdictOf(result: Score): Verdict {
  if (typeof result === 'number') return { score: result }
  return isWithout(result) ? { score: null, why: result.why } : result
}

/** The function's promise, or a rejection once the deadline is over or the run is stopped; the function's signal tells it. */
async function withDeadline<T>(
  run: (signal: AbortSignal) => T | Promise<T>,
  { deadlineMs, running }: Call,
): Promise<T> {
  const controller = new AbortController()
  running.add(controller)
  const timer = setTimeout(() => controller.abort(new Error(`not done within ${deadlineMs} ms`)), deadlineMs)
  try {
    return await new Promise<T>((resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason))
      Promise.resolve(run(controller.signal)).then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
    running.delete(controller)
  }
}

const nameOf = (reward: Reward): string => reward.name || 'anonymous'

function reportOf(reward: Reward, samples: readonly RewardSample[], verdicts: readonly Verdict[]): RewardReport {
  const numMissing = verdicts.filter(({ score }) => score === null).length
  const report = { reward: nameOf(reward), numSamples: samples.length, numMissing }
  if (numMissing === 0) return report
  const index = verdicts.findIndex(({ score }) => score === null)
  return { ...report, first: { rowId: samples[index]?.row.id ?? '', message: verdicts[index]?.why ?? '' } }
}
