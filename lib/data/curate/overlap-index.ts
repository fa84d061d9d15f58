// The test sets, to be asked what of them a training problem shares. Test sets are small and an overlap must not be missed,
// so nothing is estimated here: an inverted index counts the shingles shared with every test problem.

export type OverlapKind = 'exact' | 'near' | 'contained'

export interface Overlap {
  /** Which test problem, in the order given. */
  index: number
  kind: OverlapKind
  /** Jaccard similarity of the shingles; of a contained problem, the share of its shingles that are there. */
  similarity: number
}

export interface IndexedText {
  key: string
  shingles: Uint32Array
}

/** A test problem with this share of its shingles inside another text is contained in it. */
const containedShare = 0.9
/** Of fewer shingles than this nothing is said to be contained: short phrases are everywhere. */
const leastContained = 8

export class OverlapIndex {
  readonly #threshold: number
  readonly #byKey = new Map<string, number[]>()
  readonly #postings = new Map<number, number[]>()
  readonly #sizes: number[]
  /** Shared shingles of each test problem with the text at hand; all zero between calls. */
  readonly #numShared: Int32Array

  /** Test problems at least as similar as `threshold` overlap. */
  constructor(tests: readonly IndexedText[], threshold: number) {
    this.#threshold = threshold
    this.#sizes = tests.map(({ shingles }) => shingles.length)
    this.#numShared = new Int32Array(tests.length)
    for (const [index, { key, shingles }] of tests.entries()) {
      append(this.#byKey, key, index)
      for (const shingle of shingles) append(this.#postings, shingle, index)
    }
  }

  /** Every test problem that the text overlaps, the most similar first, then in the order given. */
  find({ key, shingles }: IndexedText): Overlap[] {
    const exact = this.#byKey.get(key) ?? []
    const found: Overlap[] = exact.map((index) => ({ index, kind: 'exact', similarity: 1 }))
    for (const [index, shared] of this.#sharedWith(shingles)) {
      const overlap = exact.includes(index) ? undefined : this.#judge(index, shared, shingles.length)
      if (overlap) found.push(overlap)
    }
    return found.sort((a, b) => b.similarity - a.similarity || a.index - b.index)
  }

  #judge(index: number, shared: number, numShingles: number): Overlap | undefined {
    const size = this.#sizes[index] as number
    const similarity = shared / (size + numShingles - shared)
    if (similarity >= this.#threshold) return { index, kind: 'near', similarity }
    const isContained = size >= leastContained && shared >= containedShare * size
    return isContained ? { index, kind: 'contained', similarity: shared / size } : undefined
  }

  #sharedWith(shingles: Uint32Array): [number, number][] {
    const counts = this.#numShared
    const touched: number[] = []
    for (const shingle of shingles)
      for (const index of this.#postings.get(shingle) ?? []) {
        if (counts[index] === 0) touched.push(index)
        counts[index] = (counts[index] as number) + 1
      }
    return touched.map((index) => {
      const shared = counts[index] as number
      counts[index] = 0
      return [index, shared]
    })
  }
}

function append<Key>(lists: Map<Key, number[]>, key: Key, index: number): void {
  const list = lists.get(key)
  if (list) list.push(index)
  else lists.set(key, [index])
}
