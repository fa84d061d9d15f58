// The work of a step, of an evaluation and of a supervised phase, counted: tokens, passes, operations. Nothing here knows how fast
// any of it is.
import { engineDefaults } from '../../rollout/cache-size.js'
import type { ModelShape } from '../model-shape.js'
import { type DecodeProfile, decodeProfile } from './decode-profile.js'
import { decodeFlops, forwardFlops, type TrainingKind, totalFlops, trainingFlops } from './flops.js'
import { answerLengths, type Lengths } from './lengths.js'
import { contextTokens, noPass, type Pass, passOf, scaled } from './pass.js'

/** What is sampled at once: a step's rollout, or an evaluation. */
export interface SamplingWork {
  numPrompts: number
  numAnswers: number
  answerTokens: number
  /** Tokens of prompts, each prompt once: its answers share it. */
  promptTokens: number
  /** Of the prompts, on all devices, with what was preempted and is computed again. */
  prefill: Pass
  /** Of the device with the longest answer. */
  decode: DecodeProfile
  flops: number
}

export interface SamplingOptions {
  numPrompts: number
  /** G */
  numAnswers: number
  promptTokens: number
  lengths: Lengths
  numDevices: number
  /** Of one device. */
  cacheTokens: number
}

export function samplingWork(shape: ModelShape, options: SamplingOptions): SamplingWork & { all: number[] } {
  const { numPrompts, numAnswers, promptTokens, lengths, numDevices, cacheTokens } = options
  const total = numPrompts * numAnswers
  const all = answerLengths(lengths, total)
  const { blockSize, maxBatch } = engineDefaults
  const limits = { promptTokens, numAnswers, maxBatch, cacheTokens, blockSize }
  const ofDevice = numDevices === 1 ? all : answerLengths(lengths, Math.ceil(total / numDevices), { outOf: total })
  const decode = decodeProfile(ofDevice, limits)
  const answerTokens = all.reduce((sum, n) => sum + n, 0)
  const again = decode.recomputedTokens * numDevices
  const prefill: Pass = {
    tokens: numPrompts * promptTokens + again,
    rows: total + decode.numPreemptions * numDevices,
    squares: numPrompts * promptTokens ** 2 + again * (promptTokens + lengths.mean),
    calls: decode.numPrefills,
  }
  const decoded = decodeFlops(shape, { tokens: answerTokens - total, contextTokens: contextTokens(promptTokens, all) })
  const flops = totalFlops(forwardFlops(shape, prefill)) + totalFlops(decoded)
  return {
    numPrompts,
    numAnswers: total,
    answerTokens,
    promptTokens: numPrompts * promptTokens,
    prefill,
    decode,
    flops,
    all,
  }
}

export interface LearningWork {
  /** Through forward and backward, in all passes. */
  trained: Pass
  /** Through the reference model; nothing without a KL term. */
  scored: Pass
  numUpdates: number
  kind: TrainingKind
  trainingFlops: number
  referenceFlops: number
}

export interface LearningOptions extends TrainingKind {
  /** Of the step's answers, those whose group teaches anything. */
  trainedShare: number
  /** Over the step's answers. */
  passes: number
  numUpdates: number
  hasReference: boolean
  /** Of a micro-batch. */
  tokensPerMicroBatch: number
  numDevices: number
}

export function learningWork(shape: ModelShape, answers: Pass, options: LearningOptions): LearningWork {
  const {
    tokensPerMicroBatch,
    numDevices,
    trainedShare,
    passes,
    numUpdates,
    hasReference,
    useRecompute,
    hasWeightGradients,
  } = options
  const kind = { useRecompute, hasWeightGradients }
  const all = scaled(answers, trainedShare * passes)
  const callsOf = (tokens: number) => Math.ceil(tokens / numDevices / tokensPerMicroBatch)
  const trained = { ...all, calls: numUpdates * callsOf(all.tokens / numUpdates) }
  const scored = hasReference ? { ...answers, calls: callsOf(answers.tokens) } : noPass
  return {
    ...{ trained, scored, numUpdates, kind },
    trainingFlops: totalFlops(trainingFlops(shape, trained, kind)),
    referenceFlops: totalFlops(forwardFlops(shape, scored)),
  }
}

export interface StepWork {
  sampling: SamplingWork
  learning: LearningWork
}

export function stepWork(shape: ModelShape, options: SamplingOptions & LearningOptions): StepWork {
  const { all, ...sampling } = samplingWork(shape, options)
  return { sampling, learning: learningWork(shape, passOf(options.promptTokens, all), options) }
}
