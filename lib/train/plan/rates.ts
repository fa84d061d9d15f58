// How long pieces of the work take, whoever says so: a calibration of this machine, or a table of hardware.
import type { TrainingKind } from './flops.js'
import type { Pass } from './pass.js'
import { scaled } from './pass.js'
import type { LearningWork, SamplingWork } from './work.js'

export interface Rates {
  /** Seconds of one decode step. */
  decodeStep(step: { batch: number; cachedTokens: number }): number
  /** Seconds that the first decode step of a new number of sequences takes more. */
  program(): number
  /** Seconds until so many prompts are rendered and are tokens. */
  prompts(count: number): number
  /** Seconds of forwards that fill the cache. */
  prefill(pass: Pass): number
  /** Seconds of forwards without gradients. */
  score(pass: Pass): number
  /** Seconds of forward and backward. */
  train(pass: Pass, kind: TrainingKind): number
  /** Seconds of one update of the weights. */
  update(): number
  /** Seconds until so many answers have their rewards. */
  reward(numAnswers: number): number
}

/** Seconds by what they go to. */
export interface Seconds {
  /** Prompts through the model, rendering and tokenizing them included. */
  prefill: number
  /** Answers, token by token. */
  decode: number
  /** Grading. */
  reward: number
  /** The reference's log-probabilities; 0 without a KL term. */
  reference: number
  /** Forward and backward. */
  training: number
  /** Steps of the optimizer. */
  update: number
}

export const totalSeconds = (seconds: Seconds): number => Object.values(seconds).reduce((sum, s) => sum + s, 0)

/** Of the rollout, its rewards included, as a step's metrics count it. */
export const rolloutSeconds = ({ prefill, decode, reward }: Seconds): number => prefill + decode + reward

export const learningSeconds = ({ reference, training, update }: Seconds): number => reference + training + update

export const noSeconds: Seconds = { prefill: 0, decode: 0, reward: 0, reference: 0, training: 0, update: 0 }

export function samplingSeconds(work: SamplingWork, rates: Rates, numDevices: number): Seconds {
  const { segments, numSizes } = work.decode
  const steps = segments.reduce((sum, segment) => sum + segment.steps * rates.decodeStep(segment), 0)
  const decode = steps + numSizes * rates.program()
  const prefill = rates.prompts(work.numPrompts) + rates.prefill(scaled(work.prefill, 1 / numDevices))
  return { ...noSeconds, prefill, decode, reward: rates.reward(work.numAnswers) }
}

export function learningSecondsOf(work: LearningWork, rates: Rates, numDevices: number): Seconds {
  return {
    ...noSeconds,
    reference: rates.score(scaled(work.scored, 1 / numDevices)),
    training: rates.train(scaled(work.trained, 1 / numDevices), work.kind),
    update: work.numUpdates * rates.update(),
  }
}

export const addSeconds = (a: Seconds, b: Seconds): Seconds => combine(a, b, (x, y) => x + y)

export const timesSeconds = (seconds: Seconds, factor: number): Seconds => combine(seconds, seconds, (x) => x * factor)

function combine(a: Seconds, b: Seconds, f: (x: number, y: number) => number): Seconds {
  const keys = Object.keys(a) as (keyof Seconds)[]
  return Object.fromEntries(keys.map((key) => [key, f(a[key], b[key])])) as unknown as Seconds
}
