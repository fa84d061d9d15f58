// What differs between the recipe that a checkpoint was made with and the one that a run is to go on with, key by key. Pure.
import { parse } from 'yaml'

/** A key of one recipe or both, dotted, as `--set` takes it. */
export interface RecipeChange {
  key: string
  /** As JSON; undefined where the key was not there. */
  before: string | undefined
  /** As JSON; undefined where the key is not there any more. */
  now: string | undefined
}

/** Of two recipes with every default filled in, as YAML; in the order of the keys of the one now. */
export function recipeChanges(before: string, now: string): RecipeChange[] {
  if (before === now) return []
  const [then, today] = [leavesOf(parse(before)), leavesOf(parse(now))]
  const keys = new Set([...today.keys(), ...then.keys()])
  return [...keys]
    .map((key) => ({ key, before: then.get(key), now: today.get(key) }))
    .filter((change) => change.before !== change.now)
}

/** Whether what is left to do is the same run's all the same: how far it goes, what is kept and watched, and where files lie. */
export const isHarmless = ({ key }: RecipeChange): boolean => harmless.some((pattern) => pattern.test(key))

export const changeText = ({ key, before, now }: RecipeChange): string =>
  `${key} was ${before ?? 'not there'} and is ${now ?? 'not there'}`

const harmless = [
  /^(name|out|device)$/, // the bits of another device differ, but that may be the only one left
  /^(checkpoint|guard|memory)\./,
  /^schedule\.maxSteps$/,
  /^schedule\.stages\.\d+\.until\./,
  /^rollout\.cacheBytes$/,
  /^training\.(epochs|maxSteps)$/,
  /^(model|data\..+)\.path$/, // the contents are held to hashes of their own
]

/** Each value that has no keys, by its dotted path. */
function leavesOf(value: unknown, path = ''): Map<string, string> {
  const isHolder = typeof value === 'object' && value !== null
  const entries = isHolder ? Object.entries(value) : []
  if (entries.length === 0) return new Map([[path, textOf(value)]])
  return new Map(entries.flatMap(([key, inner]) => [...leavesOf(inner, path === '' ? key : `${path}.${key}`)]))
}

/** JSON knows no infinity. */
const textOf = (value: unknown): string => (typeof value === 'number' ? String(value) : JSON.stringify(value))
