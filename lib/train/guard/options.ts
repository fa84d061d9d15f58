// What the guard is to do, and what each detector goes by.
import { defaultThresholds, type FindingKind, findingKinds, type Thresholds } from './thresholds.js'

export const guardActions = ['none', 'warn', 'rollback', 'stop'] as const

export interface GuardOptions {
  /**
   * What is done where a finding is bad: only told ('warn'), or the run goes back to the last good checkpoint, or it stops.
   * 'none': findings are counted, nothing is said.
   */
  action: (typeof guardActions)[number]
  /** After so many the run stops. */
  maxRollbacks: number
  /** Of each rollback, on top of those before. */
  learningRateFactor: number
  klWeightFactor: number
  /** Thresholds of one's own, and detectors that are switched off. */
  detectors: { [K in FindingKind]?: (Partial<Thresholds[K]> & { isOn?: boolean | undefined }) | undefined }
}

export const defaultGuardOptions: GuardOptions = {
  action: 'warn',
  maxRollbacks: 2,
  learningRateFactor: 0.5,
  klWeightFactor: 2,
  detectors: {},
}

export interface Watch {
  kinds: readonly FindingKind[]
  thresholds: Thresholds
}

export function watchOf({ detectors }: Pick<GuardOptions, 'detectors'>): Watch {
  const own = (kind: FindingKind) => {
    const given = Object.entries(detectors[kind] ?? {}).filter(([key, value]) => key !== 'isOn' && value !== undefined)
    return [kind, { ...defaultThresholds[kind], ...Object.fromEntries(given) }]
  }
  return {
    kinds: findingKinds.filter((kind) => detectors[kind]?.isOn !== false),
    thresholds: Object.fromEntries(findingKinds.map(own)) as Thresholds,
  }
}
