// Finds the near-duplicates of a text among those added before. Signatures are cut into bands; texts that share a whole band
// are candidates (locality-sensitive hashing), and each candidate's Jaccard similarity is then computed exactly.
import { minHash, numPermutations } from './min-hash.js'
import { jaccard } from './shingles.js'

export interface Near {
  /** Which text, in the order of adding. */
  index: number
  /** Exact Jaccard similarity of the two sets of shingles. */
  similarity: number
}

export class NearIndex {
  readonly #threshold: number
  readonly #rowsOfBand: number
  readonly #bands: Band[]
  readonly #texts: Uint32Array[] = []

  /** Texts at least as similar as `threshold`, above 0 and at most 1, are near. */
  constructor(threshold: number) {
    const { numBands, rowsOfBand } = bandsFor(threshold)
    this.#threshold = threshold
    this.#rowsOfBand = rowsOfBand
    this.#bands = Array.from({ length: numBands }, () => ({ latest: new Map(), before: [] }))
  }

  /** The nearest of those added, the first of equals; undefined where none is near. Otherwise the text is added. */
  findOrAdd(shingles: Uint32Array): Near | undefined {
    const keys = this.#keysOf(minHash(shingles))
    const near = this.#nearest(shingles, keys)
    if (!near) this.#add(shingles, keys)
    return near
  }

  #nearest(shingles: Uint32Array, keys: readonly number[]): Near | undefined {
    let best: Near | undefined
    for (const index of this.#candidates(keys)) {
      const similarity = this.#similarity(shingles, this.#texts[index] as Uint32Array)
      if (similarity < this.#threshold || similarity < (best?.similarity ?? 0)) continue
      if (!best || similarity > best.similarity || index < best.index) best = { index, similarity }
    }
    return best
  }

  /** 0 where the sizes alone tell that it is too small. */
  #similarity(a: Uint32Array, b: Uint32Array): number {
    const [small, large] = a.length < b.length ? [a, b] : [b, a]
    return small.length < this.#threshold * large.length ? 0 : jaccard(a, b)
  }

  #candidates(keys: readonly number[]): Set<number> {
    const found = new Set<number>()
    for (const [i, { latest, before }] of this.#bands.entries()) {
      let index = latest.get(keys[i] as number) ?? -1
      for (let looked = 0; index >= 0 && looked < mostOfBand; looked++, index = before[index] as number)
        found.add(index)
    }
    return found
  }

  #add(shingles: Uint32Array, keys: readonly number[]): void {
    const index = this.#texts.push(shingles) - 1
    for (const [i, { latest, before }] of this.#bands.entries()) {
      const key = keys[i] as number
      before.push(latest.get(key) ?? -1)
      latest.set(key, index)
    }
  }

  /** A number for each band; different bands with the same number only make one candidate more. */
  #keysOf(signature: Uint32Array): number[] {
    return this.#bands.map((_, band) => {
      let key = 0
      for (let i = band * this.#rowsOfBand; i < (band + 1) * this.#rowsOfBand; i++)
        key = Math.imul(key ^ (signature[i] as number), 0x9e3779b1) ^ (key >>> 15)
      return key | 0
    })
  }
}

interface Band {
  /** Key → the text that was added last with it. */
  latest: Map<number, number>
  /** Of each text, the one before with the same key; −1 for none. */
  before: number[]
}

/**
 * Of texts that share a band only so many, the latest, are candidates. Thousands of problems made from one template share the bands
 * that hold nothing but the template, and comparing all with all would take hours; what a pair has beyond it shows in other bands.
 */
const mostOfBand = 100

/** A pair just at the threshold is missed with a chance below this. */
const missedAtMost = 1e-3

/** The longest bands, so the fewest candidates, that miss few enough: a pair of similarity s is found with 1 − (1 − s^r)^b. */
export function bandsFor(threshold: number): { numBands: number; rowsOfBand: number } {
  for (let rowsOfBand = 16; rowsOfBand > 1; rowsOfBand--) {
    const numBands = Math.floor(numPermutations / rowsOfBand)
    if ((1 - threshold ** rowsOfBand) ** numBands <= missedAtMost) return { numBands, rowsOfBand }
  }
  return { numBands: numPermutations, rowsOfBand: 1 }
}
