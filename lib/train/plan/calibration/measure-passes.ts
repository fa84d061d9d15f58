// Forward passes and forwards with backward, over short sequences, long ones, and ones of which hardly a token goes on to the
// vocabulary: what tells the cost of a token, of a pair of tokens and of a row apart.
import { scoreAnswers } from '../../../grpo/forward.js'
import { accumulateGradients } from '../../../grpo/objective.js'
import type { Sample } from '../../../grpo/sample.js'
import type { Decoder } from '../../../models/decoder.js'
import { type Pass, passOf } from '../pass.js'
import type { LinearTimes } from './calibration.js'
import { type MeasuredBatches, solved } from './solve.js'
import { type Timing, timeInTurn } from './stopwatch.js'

export interface PassSizes {
  /** Of a prompt and of a common answer. */
  promptTokens: number
  answerTokens: number
  /** The longest sequence to measure. */
  longest: number
  /** Of a micro-batch at most. */
  maxTokens: number
}

export interface MeasuredPasses {
  score: LinearTimes
  train: LinearTimes
  timings: Timing[]
}

interface MeasureOptions {
  useRecompute: boolean
  /** For each of the two measurements, about. */
  budgetSeconds: number
  signal?: AbortSignal | undefined
}

const rounds = 5

export async function measurePasses(
  model: Decoder,
  sizes: PassSizes,
  options: MeasureOptions,
): Promise<MeasuredPasses> {
  const { useRecompute, budgetSeconds, signal } = options
  const maxTokens = Number.MAX_SAFE_INTEGER
  const train = (samples: Sample[]) => async () => {
    const passOptions = { maxTokens, mustBeOnPolicy: false, useRecompute }
    await accumulateGradients(model, samples, { temperature: 1 }, passOptions)
  }
  const score = (samples: Sample[]) => async () => {
    await scoreAnswers(model, samples, { temperature: 1, maxTokens })
  }
  const batches = batchesOf({ ...sizes, maxTokens: await fittingTokens(train, sizes, options) })
  const inTurn = (run: typeof train, seconds: number) =>
    timeInTurn(
      batches.map(({ samples }) => run(samples)),
      { rounds, atLeastSeconds: seconds, signal },
    )
  const trained = await inTurn(train, 0.6 * budgetSeconds)
  for (const parameter of model.parameters()) parameter.grad = null
  const scored = await inTurn(score, 0.2 * budgetSeconds)
  const solve = (timings: Timing[]) => {
    const [common, long, fewRows, single] = batches.map(({ pass }, i) => ({ pass, timing: timings[i] as Timing }))
    return solved({ common, long, fewRows, single } as MeasuredBatches, model.config)
  }
  return { train: solve(trained), score: solve(scored), timings: [...trained, ...scored] }
}

/** As many tokens as the budget has time for, by how long a few take; one sequence at least. */
async function fittingTokens(
  train: (samples: Sample[]) => () => Promise<void>,
  { promptTokens, answerTokens, maxTokens }: PassSizes,
  { budgetSeconds, signal }: MeasureOptions,
): Promise<number> {
  const length = promptTokens + answerTokens - 1
  const probe = batchOf({ promptTokens, answerTokens, count: Math.max(1, Math.ceil(256 / length)) })
  const [timing] = await timeInTurn([train(probe.samples)], { rounds: 2, signal })
  const perToken = (timing as Timing).seconds / probe.pass.tokens
  // Three batches of that size, a warm-up and the rounds, and as many forward passes at a third of the cost.
  const affordable = budgetSeconds / perToken / (3 * (rounds + 1) * 1.33)
  return Math.max(length, Math.min(maxTokens, Math.floor(affordable)))
}

interface Batch {
  samples: Sample[]
  pass: Pass
}

/** Common sequences; long ones; common ones with one row each; a single one. */
function batchesOf({ promptTokens, answerTokens, longest, maxTokens }: PassSizes): Batch[] {
  const length = promptTokens + answerTokens - 1
  const count = Math.max(1, Math.floor(maxTokens / length))
  const long = Math.max(length, Math.min(longest, maxTokens))
  const longPrompt = Math.max(1, Math.round((long * promptTokens) / length))
  const longCount = Math.max(1, Math.floor((count * length) / long))
  return [
    batchOf({ promptTokens, answerTokens, count }),
    batchOf({ promptTokens: longPrompt, answerTokens: long + 1 - longPrompt, count: longCount }),
    batchOf({ promptTokens: length, answerTokens: 1, count }),
    batchOf({ promptTokens, answerTokens, count: 1 }),
  ]
}

function batchOf({
  promptTokens,
  answerTokens,
  count,
}: {
  promptTokens: number
  answerTokens: number
  count: number
}): Batch {
  const sample: Sample = {
    promptTokens: new Int32Array(promptTokens).fill(1),
    answerTokens: new Int32Array(answerTokens).fill(1),
    rolloutLogprobs: new Float32Array(answerTokens),
    advantage: 1,
  }
  return {
    samples: Array.from({ length: count }, () => sample),
    pass: passOf(promptTokens, new Array<number>(count).fill(answerTokens)),
  }
}
