// Learning rates as pure functions of the step, counted from 0.

import { checkOptions, type OptionKeys, requireEach, requireNumbers } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { unknownKey } from '../nearest-name.js'

export const decays = ['constant', 'linear', 'cosine'] as const
/**
 * `'constant'`, `'linear'` or `'cosine'`: how a rate falls from the end of the warm-up to its last step. Cosine: (1 + cos(π ·
 * progress)) / 2 (Loshchilov & Hutter, "SGDR", 2017).
 */
export type Decay = (typeof decays)[number]

/** A warm-up to a peak and a decay from it. */
export interface LearningRateOptions {
  /** The rate at its highest. */
  peak: number
  /** How it falls from the end of the warm-up to step `steps`. */
  decay: Decay
  /** Steps in all, warm-up included; from there on the rate stays where it is. */
  steps: number
  /** The first steps climb in equal parts; the last of them is at the peak. Default 0. */
  warmupSteps?: number
  /** Where the decay ends, as a share of the peak. Default 0. */
  finalFraction?: number
}

/** How a rate moves, whatever its peak: LearningRateOptions with a default for each. */
export interface LearningRateSchedule {
  /** Default 'constant'. */
  decay?: Decay | undefined
  /** Steps in all, warm-up included. May be left out where nothing decays. */
  steps?: number | undefined
  /** Steps that climb to the peak. Default 0. */
  warmupSteps?: number | undefined
  /** Where the decay ends, as a share of the peak, from 0 to 1. Default 0. */
  finalFraction?: number | undefined
}

const scheduleKeys = ['decay', 'steps', 'warmupSteps', 'finalFraction'] as const

const optionKeys: OptionKeys<LearningRateOptions> = {
  peak: true,
  decay: true,
  steps: true,
  warmupSteps: true,
  finalFraction: true,
}

/** What is wrong with a schedule, if anything. */
export function rateProblem(schedule: LearningRateSchedule): string | undefined {
  const where = 'learningRateSchedule'
  const expected = (what: string, key: keyof LearningRateSchedule) =>
    `expected ${what} for ${where}.${key}, got ${schedule[key]}`
  const unknown = Object.keys(schedule).find((key) => !scheduleKeys.includes(key as (typeof scheduleKeys)[number]))
  if (unknown !== undefined) return unknownKey(unknown, { known: scheduleKeys, where })
  const { decay = 'constant', steps, warmupSteps = 0, finalFraction = 0 } = schedule
  if (!decays.includes(decay)) return expected(`one of ${decays.join(', ')}`, 'decay')
  if (!(Number.isSafeInteger(warmupSteps) && warmupSteps >= 0)) return expected('a whole number', 'warmupSteps')
  if (!(finalFraction >= 0 && finalFraction <= 1)) return expected('a share from 0 to 1', 'finalFraction')
  if (steps === undefined)
    return decay === 'constant' ? undefined : `expected steps in ${where}, the end of its ${decay} decay`
  if (!(Number.isSafeInteger(steps) && steps >= 1)) return expected('a positive whole number', 'steps')
  return steps >= warmupSteps ? undefined : expected(`at least warmupSteps = ${warmupSteps}`, 'steps')
}

/** The rate of a step under a schedule; a constant one without it. */
export function scheduledRate(step: number, peak: number, schedule: LearningRateSchedule = {}): number {
  const problem = rateProblem(schedule)
  if (problem !== undefined) throw new ArgumentError(`[learning rate] ${problem}`)
  const { decay = 'constant', warmupSteps = 0, steps = warmupSteps, finalFraction = 0 } = schedule
  return learningRateAt(step, { peak, decay, steps, warmupSteps, finalFraction })
}

/**
 * The rate of a step, counted from 0: peak · (step + 1) / warmupSteps in the warm-up, then peak · (f + (1 − f) ·
 * decay(progress)), f being finalFraction and progress going from 0 to 1 at `steps`. A pure function.
 *
 * @throws {@link ArgumentError} for an option that is unknown, missing or no number, another decay, or more warm-up steps than steps
 */
export function learningRateAt(step: number, options: LearningRateOptions): number {
  checkOptions('learning rate', options, optionKeys)
  const { peak, decay, steps, warmupSteps = 0, finalFraction = 0 } = options
  requireNumbers('learning rate', { step, peak, steps, warmupSteps, finalFraction })
  requireEach('learning rate', `one of ${decays.join(', ')}`, { decay }, (name) =>
    Object.hasOwn(shapes, name as string),
  )
  if (warmupSteps > steps) {
    throw new ArgumentError(
      `[learning rate] expected at most ${steps} warm-up steps, the steps in all, got ${warmupSteps}`,
    )
  }
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps
  const progress = steps > warmupSteps ? Math.min(1, (step - warmupSteps) / (steps - warmupSteps)) : 1
  return peak * (finalFraction + (1 - finalFraction) * shapes[decay](progress))
}

/** From 1 at progress 0 down to 0 at progress 1. */
const shapes: Record<Decay, (progress: number) => number> = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
}
