// Rows that say in other words what a row of another source or a test problem says, by the cosine of embeddings: within one
// source, likeness is left to the shingles, since what one author wrote is alike in style.

import { duplicateOf, nameOf } from './candidate.js'
import { cosineRows } from './cosines.js'
import { goldAnswers } from './gold-answer.js'
import type { Curation, CurationOptions, Drop, FoundOverlap, KeptRow, SourcedRow } from './types.js'

type SimilarOptions = NonNullable<CurationOptions['embeddings']> & Pick<CurationOptions, 'isSameAnswer' | 'signal'>

/** A row goes when a test problem, or an earlier row that stays, has a cosine above the threshold with it. */
export async function dropSimilar(
  { kept, dropped, overlaps }: Curation,
  tests: readonly SourcedRow[],
  options: SimilarOptions,
): Promise<Curation> {
  const vectors = await options.embed([...tests, ...kept].map(({ row }) => row.problem))
  const stay: KeptRow[] = []
  /** Of each row seen: whether it stays. */
  const isThere: boolean[] = []
  const result: Curation = { kept: stay, dropped: [...dropped], overlaps: [...overlaps] }
  for await (const cosines of cosineRows(vectors, { first: tests.length, signal: options.signal })) {
    const row = kept[isThere.length] as KeptRow
    const nearest = nearestOf(
      cosines,
      options.threshold,
      (i) => i < tests.length || (isThere[i - tests.length] === true && kept[i - tests.length]?.source !== row.source),
    )
    isThere.push(nearest === undefined)
    if (nearest === undefined) stay.push(row)
    else judgeSimilar(result, row, { nearest, similarity: cosines[nearest] as number, kept, tests, ...options })
  }
  return { ...result, overlaps: inOrderOf(tests, result.overlaps) }
}

/** The first of the most similar, above the threshold; undefined where there is none. */
function nearestOf(cosines: Float32Array, threshold: number, counts: (index: number) => boolean): number | undefined {
  let best: number | undefined
  let most = threshold
  for (let i = 0; i < cosines.length; i++) {
    const cosine = cosines[i] as number
    if (!(cosine > most) || !counts(i)) continue
    best = i
    most = cosine
  }
  return best
}

interface Found extends Pick<CurationOptions, 'isSameAnswer'> {
  /** Among the tests and then the rows. */
  nearest: number
  similarity: number
  kept: readonly KeptRow[]
  tests: readonly SourcedRow[]
}

function judgeSimilar(
  { dropped, overlaps }: Curation,
  { row, source, place, answers }: KeptRow,
  { nearest, similarity, kept, tests, isSameAnswer }: Found,
): void {
  const sourced = { row, source, place }
  const test = tests[nearest]
  const other = test ? { ...test, answers: goldAnswers(test.row) } : (kept[nearest - tests.length] as KeptRow)
  const of = duplicateOf({ ...sourced, answers }, other, { similarity, isSameAnswer })
  const why = `a cosine of ${similarity.toFixed(3)} with ${nameOf(other)}`
  const drop: Drop = { reason: test ? 'testOverlap' : 'similar', why, of }
  dropped.push({ ...sourced, ...drop })
  if (test) overlaps.push({ test, row: sourced, kind: 'similar', similarity })
}

function inOrderOf(tests: readonly SourcedRow[], overlaps: FoundOverlap[]): FoundOverlap[] {
  const order = new Map(tests.map(({ row }, i) => [row, i]))
  return overlaps.sort((a, b) => (order.get(a.test.row) ?? 0) - (order.get(b.test.row) ?? 0))
}
