// What the guard is to do, and what each detector goes by.
import { defaultThresholds, type FindingKind, findingKinds, type Persistence, type Thresholds } from './thresholds.js'

/** What may be done where a finding is bad; see GuardOptions. */
export const guardActions = ['none', 'warn', 'rollback', 'stop'] as const

/** What a run that went back does differently from then on: factors on what its recipe and its stages say. */
export interface Change {
  /** On the learning rate: 1 changes nothing. A recipe takes what is above 0 and at most 1. */
  learningRateFactor: number
  /** On the weight of the KL term: 1 changes nothing, and a weight of 0 stays 0. A recipe takes at least 1. */
  klWeightFactor: number
}

/** What the guard does, and what it goes by. */
export interface GuardOptions {
  /**
   * What is done where a finding is bad: only told ('warn', the default), or the run goes back to the last good checkpoint, or it stops.
   * 'none': findings are counted, nothing is said.
   */
  action: (typeof guardActions)[number]
  /** Rollbacks of a run, 2 by default: the next bad finding after so many stops it. With 0 the first one does. */
  maxRollbacks: number
  /** Of each rollback, on top of those before; by default half the learning rate and twice the KL weight. */
  change: Change
  /** By detector: thresholds of one's own, the others keeping their defaults; false: switched off; true or left out: all defaults. */
  detectors: { [K in keyof Thresholds]?: Partial<Thresholds[K]> | boolean | undefined }
}

/** Warns and goes on; a run that is told to go back does so twice at most. Every detector has its default thresholds. */
export const defaultGuardOptions: GuardOptions = {
  action: 'warn',
  maxRollbacks: 2,
  change: { learningRateFactor: 0.5, klWeightFactor: 2 },
  detectors: {},
}

export interface Watch {
  kinds: readonly FindingKind[]
  thresholds: Thresholds
}

export function watchOf({ detectors }: Pick<GuardOptions, 'detectors'>): Watch {
  return {
    kinds: findingKinds.filter((kind) => detectors[kind] !== false),
    thresholds: Object.fromEntries(findingKinds.map((kind) => [kind, merged(kind, detectors[kind])])) as Thresholds,
  }
}

/** Who asks for more signs than fit into the steps that are looked at has more steps looked at. */
function merged(kind: FindingKind, given: Partial<Persistence> | boolean | undefined): Persistence {
  const own = Object.fromEntries(Object.entries(given || {}).filter(([, value]) => value !== undefined))
  const limits: Persistence = { ...defaultThresholds[kind], ...own }
  return { ...limits, within: Math.max(limits.within, limits.warnAfter, limits.badAfter) }
}
