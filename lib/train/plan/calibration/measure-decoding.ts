// The rollout engine itself: how long its decode steps take by the number of sequences and by what the cache holds, how long a
// first step of a new size takes, and how long prompts take.
import type { Decoder } from '../../../models/decoder.js'
import { RolloutEngine } from '../../../rollout/engine.js'
import type { TextCodec } from '../../../rollout/request.js'
import type { PieceTimes } from './calibration.js'
import { type Timing, timeInTurn, timingOf } from './stopwatch.js'

export interface DecodingSizes {
  promptTokens: number
  /** Sequences decoded together at most. */
  mostSequences: number
  /** Context that costs of the cache are measured at. */
  longContext: number
  /** For everything here, about. */
  budgetSeconds: number
}

export interface MeasuredDecoding extends Pick<PieceTimes, 'decode' | 'perCachedToken' | 'perProgram'> {
  /** Seconds of a forward that fills the cache, and of each token of it. */
  prefill: { perCall: number; perToken: number }
  timings: Timing[]
}

const steps = 16
const rounds = 3

export async function measureDecoding(
  model: Decoder,
  codec: TextCodec,
  { promptTokens, mostSequences, longContext, budgetSeconds }: DecodingSizes,
  signal?: AbortSignal,
): Promise<MeasuredDecoding> {
  const engine = new RolloutEngine(model, codec)
  const run = (batch: number, prompt: number) => stepTimes(engine, { batch, prompt, steps, signal })
  const points = await pointsOf((rows) => run(rows, promptTokens), { mostSequences, budgetSeconds })
  const cached = await perCachedToken(run, points.at(-1) as (typeof points)[number], { promptTokens, longContext })
  const prefill = await prefillTimes(
    engine,
    { promptTokens, numPrompts: Math.max(1, Math.floor(1024 / promptTokens)) },
    signal,
  )
  engine.release()
  return {
    // The steps that were timed had a prompt and half of their answers in the cache.
    decode: points.map(({ rows, timing }) => ({
      rows,
      seconds: Math.max(0, timing.seconds - cached * rows * (promptTokens + steps / 2)),
    })),
    perProgram: timingOf(points.map(({ first, timing }) => Math.max(0, first - timing.seconds))).seconds,
    perCachedToken: cached,
    prefill,
    timings: points.map(({ timing }) => timing),
  }
}

interface Point {
  rows: number
  timing: Timing
  /** Of the step that makes the program. */
  first: number
}

/** Sizes in turn, three times at least and again while there is time; a large model's sizes end where the time does. */
async function pointsOf(
  run: (rows: number) => Promise<StepTimes>,
  { mostSequences, budgetSeconds }: { mostSequences: number; budgetSeconds: number },
): Promise<Point[]> {
  const found = new Map<number, StepTimes[]>()
  const started = performance.now()
  const isOver = (share: number) => performance.now() - started > 1000 * share * budgetSeconds
  for (let round = 0; round < rounds || !isOver(0.4); round++)
    for (const rows of batchSizes(mostSequences)) {
      if (isOver(0.8) && found.size > 1) break
      found.set(rows, [...(found.get(rows) ?? []), await run(rows)])
    }
  return [...found].map(([rows, times]) => ({
    rows,
    timing: timingOf(times.flatMap(({ rest }) => rest)),
    first: timingOf(times.map(({ first }) => first)).seconds,
  }))
}

/** 1, 2, 4, … and the most. */
function batchSizes(most: number): number[] {
  const sizes = [most]
  for (let rows = 1; rows < most; rows *= 2) sizes.push(rows)
  return sizes.sort((a, b) => a - b)
}

interface StepTimes {
  first: number
  rest: number[]
}

interface Run {
  batch: number
  prompt: number
  steps: number
  signal?: AbortSignal | undefined
}

/** Seconds of the first decode step, which makes the program, and of those after it. All answers are as long as each other. */
async function stepTimes(
  engine: RolloutEngine,
  { batch, prompt, steps, signal }: Run,
): Promise<{ first: number; rest: number[] }> {
  const times: number[] = []
  let numDrawn = 0
  const onToken = () => {
    numDrawn += 1
    if (numDrawn % batch === 0) times.push(performance.now())
  }
  const prompts = Array.from({ length: batch }, () => new Array<number>(prompt).fill(1))
  const options = { numAnswers: 1, maxResponseTokens: steps + 2, stop: [], onToken, ...(signal && { signal }) }
  for await (const _ of engine.generate(prompts, options));
  const [first = 0, ...rest] = times.slice(1).map((time, i) => (time - (times[i] as number)) / 1000)
  return { first, rest }
}

/** From steps with a long context against those with a short one, at the largest batch that a few thousand tokens of prompts allow. */
async function perCachedToken(
  run: (batch: number, prompt: number) => Promise<{ rest: number[] }>,
  largest: { rows: number },
  { promptTokens, longContext }: { promptTokens: number; longContext: number },
): Promise<number> {
  if (longContext <= promptTokens) return 0
  const batch = Math.max(1, Math.min(largest.rows, Math.floor(8192 / longContext)))
  const [short, long] = [
    timingOf((await run(batch, promptTokens)).rest),
    timingOf((await run(batch, longContext)).rest),
  ]
  return Math.max(0, (long.seconds - short.seconds) / (batch * (longContext - promptTokens)))
}

/** Of a call, and of each token in it: from one prompt and from many. */
async function prefillTimes(
  engine: RolloutEngine,
  { promptTokens, numPrompts }: { promptTokens: number; numPrompts: number },
  signal: AbortSignal | undefined,
): Promise<{ perCall: number; perToken: number }> {
  const run = (count: number) => async () => {
    const prompts = Array.from({ length: count }, () => new Array<number>(promptTokens).fill(1))
    const options = { numAnswers: 1, maxResponseTokens: 1, stop: [], ...(signal && { signal }) }
    for await (const _ of engine.generate(prompts, options));
  }
  const [many, one] = await timeInTurn([run(numPrompts), run(1)], { rounds: 8, signal })
  const [all, single] = [many?.seconds ?? 0, one?.seconds ?? 0]
  if (numPrompts === 1) return { perCall: 0, perToken: single / promptTokens }
  const perToken = Math.max(0, all - single) / ((numPrompts - 1) * promptTokens)
  return { perToken, perCall: Math.max(0, single - perToken * promptTokens) }
}
