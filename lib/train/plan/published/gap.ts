// What a published run took, term by term: what the counts say, and what has to be assumed of the programs that it was made with.
import { engineDefaults } from '../../../rollout/cache-size.js'
import type { ModelShape } from '../../model-shape.js'
import { type DecodeProfile, decodeProfile } from '../decode-profile.js'
import { decodeFlops, forwardFlops, totalFlops, trainingFlops } from '../flops.js'
import { hardwareRates } from '../hardware/rates.js'
import { type Gpu, gpus } from '../hardware/table.js'
import { answerLengths, cutWeibull } from '../lengths.js'
import { contextTokens, passOf } from '../pass.js'
import type { Rates } from '../rates.js'
import type { PublishedRun, PublishedStage } from './published-run.js'

/** A part of what a published run took. */
export interface GapTerm {
  /** For people. */
  what: string
  /** Over all of its stages. */
  gpuHours: number
  /** False: reckoned from sizes and lengths; true: of programs and their waits, which nobody has published. */
  isAssumed: boolean
}

/** What a published run took, term by term. */
export interface Gap {
  /** What is known of it. */
  run: PublishedRun
  /** What it went to, by reckoning; together `explained`. */
  terms: GapTerm[]
  /** GPU hours of all terms; the run's own are `run.gpuHours`. */
  explained: number
}

/** What was assumed of the original, where nothing published says it. */
export const assumed = {
  /** Share of the peak, of every forward and in the count of training. */
  mfu: 0.4,
  /** Of training as it ran: sharded over 8 and 32 devices, a small model, recomputing. */
  trainingMfu: 0.25,
  bandwidthShare: 0.6,
  /**
   * Of their engine's scheduler and sampler, each decode step. vLLM's own profile of the time before, "vLLM v0.6.0: 2.7x Throughput
   * Improvement", 2024-09, has scheduling take three quarters as long as the GPU: about 6 of 14 ms here.
   */
  secondsPerDecodeStep: 0.006,
  /** Grading, weights handed over to the engine and back, checkpoints, each step. */
  secondsBetween: 30,
  /** Sequences that their engine runs at once on a device. */
  maxBatch: 256,
}

export function gapOf(run: PublishedRun, shape: ModelShape): Gap {
  const gpu = gpus.find(({ name }) => name === run.gpu) as Gpu
  const stages = run.stages.map((stage) => stageTerms(run, stage, { gpu, shape }))
  const terms = (stages[0] as GapTerm[]).map((term, i) => ({
    ...term,
    gpuHours: stages.reduce((sum, of) => sum + (of[i] as GapTerm).gpuHours, 0),
  }))
  return { run, terms, explained: terms.reduce((sum, { gpuHours }) => sum + gpuHours, 0) }
}

interface Machine {
  gpu: Gpu
  shape: ModelShape
}

function stageTerms(run: PublishedRun, stage: PublishedStage, { gpu, shape }: Machine): GapTerm[] {
  const { numPrompts, numAnswers, steps, numDevices, limit, meanTokens } = stage
  const { promptTokens } = run
  const total = numPrompts * numAnswers
  const lengths = cutWeibull({ mean: meanTokens, limit })
  const all = answerLengths(lengths, total)
  const pass = passOf(promptTokens, all)
  const kind = { useRecompute: true, hasWeightGradients: true }
  const training = totalFlops(trainingFlops(shape, pass, kind))
  const forward = totalFlops(forwardFlops(shape, pass))
  const sampling = totalFlops(
    decodeFlops(shape, { tokens: all.reduce((sum, n) => sum + n, 0), contextTokens: contextTokens(promptTokens, all) }),
  )
  const rates = hardwareRates(gpu, shape, {
    mfu: assumed.mfu,
    bandwidthShare: assumed.bandwidthShare,
    stepOverhead: 0,
    numDevices,
  })
  const ofDevice = answerLengths(lengths, Math.ceil(total / numDevices), { outOf: total })
  const decode = profileOf(ofDevice, { promptTokens, numAnswers })
  const [asLong, ideal] = [decodeSeconds(decode, rates), idealSeconds(ofDevice, { promptTokens, rates })]
  const perStep = (flops: number, mfu: number) => (steps * flops) / (gpu.flops * mfu) / 3600
  const everywhere = (seconds: number) => (steps * numDevices * seconds) / 3600
  const counted = everywhere(sampling / numDevices / (gpu.flops * assumed.mfu))
  return [
    {
      what: 'sampling, training and reference at 40% of the peak',
      gpuHours: perStep(training + forward + sampling, assumed.mfu),
      isAssumed: false,
    },
    {
      what: 'its pass for old log-probabilities, at 40%',
      gpuHours: perStep(forward, assumed.mfu),
      isAssumed: false,
    },
    {
      what: 'decoding reads weights and cache: more than 40% would take',
      gpuHours: everywhere(ideal) - counted,
      isAssumed: false,
    },
    { what: 'devices idle until the longest answer ends', gpuHours: everywhere(asLong - ideal), isAssumed: false },
    { what: 'its evaluations during training', gpuHours: evaluationHours(run, stage, rates), isAssumed: false },
    {
      what: "its engine's own 6 ms a decode step",
      gpuHours: everywhere(decode.numSteps * assumed.secondsPerDecodeStep),
      isAssumed: true,
    },
    {
      what: 'its training at 25% of the peak instead of 40%',
      gpuHours: perStep(training, assumed.trainingMfu) - perStep(training, assumed.mfu),
      isAssumed: true,
    },
    {
      what: '30 s between the parts of a step: grading, handing weights over',
      gpuHours: everywhere(assumed.secondsBetween),
      isAssumed: true,
    },
  ]
}

/** Their engine has room for all of a device's sequences. */
const profileOf = (lengths: readonly number[], of: { promptTokens: number; numAnswers: number }): DecodeProfile =>
  decodeProfile(lengths, {
    ...of,
    maxBatch: assumed.maxBatch,
    cacheTokens: Number.MAX_SAFE_INTEGER,
    blockSize: engineDefaults.blockSize,
  })

const decodeSeconds = ({ segments }: DecodeProfile, rates: Rates): number =>
  segments.reduce((sum, segment) => sum + segment.steps * rates.decodeStep(segment), 0)

/** As if every step had all sequences, with the context that their tokens had on average. */
function idealSeconds(
  lengths: readonly number[],
  { promptTokens, rates }: { promptTokens: number; rates: Rates },
): number {
  const batch = Math.min(lengths.length, assumed.maxBatch)
  const tokens = lengths.reduce((sum, n) => sum + n, 0)
  const context = contextTokens(promptTokens, lengths) / tokens
  return (tokens / batch) * rates.decodeStep({ batch, cachedTokens: batch * context })
}

function evaluationHours(run: PublishedRun, stage: PublishedStage, rates: Rates): number {
  const { evaluation, steps, numDevices, limit, meanTokens } = stage
  // Harder problems than those of training: their answers are half as long again, assumed.
  const lengths = cutWeibull({ mean: Math.min(limit, 1.5 * meanTokens), limit })
  const count = Math.max(1, Math.ceil(evaluation.numAnswers / numDevices))
  const of = answerLengths(lengths, count, { outOf: evaluation.numAnswers })
  const seconds = decodeSeconds(profileOf(of, { promptTokens: run.promptTokens, numAnswers: 1 }), rates)
  return (Math.floor(steps / evaluation.everySteps) * numDevices * seconds) / 3600
}
