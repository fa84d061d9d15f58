import { Draw } from './draw.js'
import { families } from './families/index.js'
import type { Family, Pair } from './pair.js'

const seed = 20_250_210

/** The pairs of a family, which do not depend on what other families there are. */
export function pairsOf(family: Family): Pair[] {
  const start = [...family.name].reduce((sum, letter) => Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0), seed)
  return family.pairs(new Draw(start))
}

/** Every pair there is. */
export const allPairs = (): Pair[] => families.flatMap(pairsOf)

/** Pairs whose verdict is the same when the gold and the answer change places. */
export const symmetricPairs = (): Pair[] =>
  families.filter(({ hasDirection }) => hasDirection !== true).flatMap(pairsOf)
