// Rows that overlap a test problem, and for each test problem the rows that do.
import { type Candidate, candidateOf, duplicateOf, type IsSameAnswer, nameOf } from './candidate.js'
import { OverlapIndex } from './overlap-index.js'
import type { Drop, FoundOverlap, SourcedRow } from './types.js'

const kindTexts = { exact: 'the text of', near: 'close to', contained: 'contains' }

export class TestCheck {
  readonly #isSameAnswer: IsSameAnswer
  readonly #tests: Candidate[]
  readonly #index: OverlapIndex
  /** Of each test problem. */
  readonly #found: FoundOverlap[][]

  constructor(
    tests: readonly SourcedRow[],
    { nearThreshold, isSameAnswer }: { nearThreshold: number; isSameAnswer: IsSameAnswer },
  ) {
    this.#isSameAnswer = isSameAnswer
    this.#tests = tests.map(candidateOf)
    this.#index = new OverlapIndex(this.#tests, nearThreshold)
    this.#found = this.#tests.map(() => [])
  }

  judge(candidate: Candidate): Drop | undefined {
    const found = this.#index.find(candidate)
    const { row, source, place } = candidate
    for (const { index, ...how } of found) {
      const { row: testRow, source: testSource, place: testPlace } = this.#tests[index] as Candidate
      const test = { row: testRow, source: testSource, place: testPlace }
      this.#found[index]?.push({ test, row: { row, source, place }, ...how })
    }
    const [best] = found
    if (!best) return undefined
    const test = this.#tests[best.index] as Candidate
    const of = duplicateOf(candidate, test, { ...best, isSameAnswer: this.#isSameAnswer })
    const share = best.kind === 'exact' ? '' : ` (${best.similarity.toFixed(2)})`
    return { reason: 'testOverlap', why: `${kindTexts[best.kind]} ${nameOf(test)}${share}`, of }
  }

  overlaps(): FoundOverlap[] {
    return this.#found.flat()
  }
}
