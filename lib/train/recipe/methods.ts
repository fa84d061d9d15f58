// What the name of a method stands for: defaults of the objective's keys. docs/objectives.md has their formulas and sources.

/** The keys that a method sets; any of them may be set beside it. */
export interface MethodSettings {
  ratio: 'token' | 'sequence' | 'product'
  surrogate: 'clipped' | 'cispo'
  clipLow: number
  clipHigh: number
  dualClip: number
  aggregation: 'token' | 'sequence' | 'constant'
  microBatches: 'whole' | 'mean' | 'sum'
  baseline: 'group' | 'leave-one-out' | 'none'
  normalize: 'group' | 'std' | 'batch' | 'tokens' | 'none'
  klWeight: number
  klEstimator: 'k1' | 'k2' | 'k3'
}

/** Without a method. */
export const plainSettings: MethodSettings = {
  ...{ ratio: 'token', surrogate: 'clipped', clipLow: 0.2, clipHigh: 0.2, dualClip: Number.POSITIVE_INFINITY },
  ...{ aggregation: 'token', microBatches: 'whole', baseline: 'group', normalize: 'group' },
  ...{ klWeight: 0, klEstimator: 'k3' },
}

/** What each has of its own. */
export const methods = {
  grpo: { aggregation: 'sequence', klWeight: 0.04 },
  'dr-grpo': { aggregation: 'constant', normalize: 'none' },
  bnpo: { microBatches: 'mean' },
  dapo: { clipHigh: 0.28 },
  gspo: { ratio: 'sequence', aggregation: 'sequence', clipLow: 3e-4, clipHigh: 4e-4 },
  // the ratio is held below 5, and never raised
  cispo: { surrogate: 'cispo', clipLow: 1, clipHigh: 4 },
  rloo: { ratio: 'product', aggregation: 'sequence', baseline: 'leave-one-out', normalize: 'none' },
  'reinforce++': { baseline: 'none', normalize: 'tokens' },
  'reinforce++-baseline': { normalize: 'tokens', klEstimator: 'k2' },
} as const satisfies Record<string, Partial<MethodSettings>>

export const methodNames = Object.keys(methods) as (keyof typeof methods)[]

/** What repeats a published run where it departed from its own formula. */
export const modes = {
  deepscaler: { microBatches: 'sum' },
} as const satisfies Record<string, Partial<MethodSettings>>

export const modeNames = Object.keys(modes) as (keyof typeof modes)[]

/** The keys that are left out or undefined as the method and the mode have them; names that are none stay for the schema to refuse. */
export function withMethod(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const { method, mode } = given as { method?: unknown; mode?: unknown }
  const meant = { ...settingsOf(methods, method), ...settingsOf(modes, mode) }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...meant, ...known }
}

const settingsOf = (table: Record<string, Partial<MethodSettings>>, name: unknown): Partial<MethodSettings> =>
  typeof name === 'string' && Object.hasOwn(table, name) ? (table[name] as Partial<MethodSettings>) : {}
