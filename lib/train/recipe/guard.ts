// guard: what is done where a run collapses, and what counts as that.
import { z } from 'zod'
import { defaultGuardOptions, guardActions } from '../guard/options.js'
import { windowSteps } from '../guard/state.js'
import { defaultThresholds, type FindingKind, findingKinds } from '../guard/thresholds.js'

const count = z.int().min(1)
/** No more than the guard looks back at. */
const steps = count.max(windowSteps)
const nonNegative = z.number().min(0)
const stepNames = ['warnAfter', 'badAfter', 'within', 'warnSteps', 'badSteps', 'fewestSteps', 'fewestBefore']
const countNames = ['fewestAnswers', 'fewestFinished']

/** Every threshold of a detector may be given; the others keep their defaults. */
function detectorSection(kind: FindingKind) {
  const schemaOf = (name: string) =>
    stepNames.includes(name) ? steps : countNames.includes(name) ? count : nonNegative
  const names = Object.keys(defaultThresholds[kind])
  const thresholds = Object.fromEntries(names.map((name) => [name, schemaOf(name).optional()]))
  return z.union([z.boolean(), z.strictObject(thresholds)]).optional()
}

const defaults = defaultGuardOptions

export const guardSection = z.strictObject({
  /** Where a finding is bad: tell it, go back to the last good checkpoint with a change, or stop. none: not even told. */
  action: z.enum(guardActions).default(defaults.action),
  /** After so many the run stops. */
  maxRollbacks: z.int().min(0).default(defaults.maxRollbacks),
  /** Of each rollback, on top of those before: factors on what the recipe says. */
  change: z
    .strictObject({
      /** On the learning rate: above 0, at most 1. */
      learningRateFactor: z.number().gt(0).max(1).default(defaults.change.learningRateFactor),
      /** On klWeight: at least 1. A weight of 0 stays 0. */
      klWeightFactor: z.number().min(1).default(defaults.change.klWeightFactor),
    })
    .prefault({}),
  /** Thresholds of one's own; false switches a detector off. */
  detectors: z.strictObject(Object.fromEntries(findingKinds.map((kind) => [kind, detectorSection(kind)]))).prefault({}),
})
