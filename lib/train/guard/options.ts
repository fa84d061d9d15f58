// What the guard is to do, and what each detector goes by.
import { defaultThresholds, type FindingKind, findingKinds, type Persistence, type Thresholds } from './thresholds.js'

export const guardActions = ['none', 'warn', 'rollback', 'stop'] as const

/** What a run that went back does differently from then on: factors on what its recipe and its stages say. */
export interface Change {
  learningRateFactor: number
  klWeightFactor: number
}

export interface GuardOptions {
  /**
   * What is done where a finding is bad: only told ('warn'), or the run goes back to the last good checkpoint, or it stops. 'none':
   * findings are counted, nothing is said.
   */
  action: (typeof guardActions)[number]
  /** After so many the run stops. */
  maxRollbacks: number
  /** Of each rollback, on top of those before. */
  change: Change
  /** Thresholds of one's own; false: switched off. */
  detectors: { [K in FindingKind]?: Partial<Thresholds[K]> | boolean | undefined }
}

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
