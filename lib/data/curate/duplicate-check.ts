// Rows that repeat an earlier row: by the same normalised text, or by shingles.
import { type Candidate, duplicateOf, type IsSameAnswer, nameOf } from './candidate.js'
import { NearIndex } from './near-index.js'
import type { Drop, SourcedRow } from './types.js'

/** What is remembered of a row that was kept. */
interface Seen extends SourcedRow {
  answers: readonly string[]
}

export class DuplicateCheck {
  readonly #isSameAnswer: IsSameAnswer
  readonly #byKey = new Map<string, Seen>()
  readonly #near: NearIndex
  /** In the order in which the index has them. */
  readonly #seen: Seen[] = []

  constructor({ nearThreshold, isSameAnswer }: { nearThreshold: number; isSameAnswer: IsSameAnswer }) {
    this.#isSameAnswer = isSameAnswer
    this.#near = new NearIndex(nearThreshold)
  }

  /** A row that repeats none is remembered. */
  judge(candidate: Candidate): Drop | undefined {
    const { key, shingles, words: _, ...seen } = candidate
    const same = this.#byKey.get(key)
    if (same) return this.#drop(candidate, same, { reason: 'duplicate', similarity: 1 })
    const near = this.#near.findOrAdd(shingles)
    if (near) return this.#drop(candidate, this.#seen[near.index] as Seen, { reason: 'nearDuplicate', ...near })
    this.#seen.push(seen)
    this.#byKey.set(key, seen)
    return undefined
  }

  #drop(
    candidate: Candidate,
    seen: Seen,
    { reason, similarity }: { reason: 'duplicate' | 'nearDuplicate'; similarity: number },
  ): Drop {
    const of = duplicateOf(candidate, seen, { similarity, isSameAnswer: this.#isSameAnswer })
    const how = reason === 'duplicate' ? 'the text of' : `${similarity.toFixed(2)} of the shingles of`
    const answers = of.hasSameAnswer === false ? ', with another answer' : ''
    return { reason, why: `${how} ${nameOf(seen)}${answers}`, of }
  }
}
