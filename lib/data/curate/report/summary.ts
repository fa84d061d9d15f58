// The figures of a curation, as plain values: the report prints them, and programs read them.
import { type Curation, type DropReason, dropReasons, type SourcedRow } from '../types.js'
import { type Histogram, histogramOf } from './histogram.js'

export interface SourceCounts {
  source: string
  numRows: number
  numKept: number
  /** By reason; 0 where no row was dropped for it. */
  dropped: Record<DropReason, number>
}

export interface TestCounts {
  source: string
  numProblems: number
  /** Problems that at least one row overlaps. */
  numOverlapped: number
  /** Rows that overlap at least one of its problems. */
  numRows: number
}

export interface CurationSummary {
  numRows: number
  numKept: number
  /** In the order in which they came. */
  sources: SourceCounts[]
  dropped: Record<DropReason, number>
  /** Of the rows kept, the most frequent first. */
  answerKinds: { kind: string; numRows: number }[]
  /** Of the rows kept: tokens of the rendered prompt where they were counted, else words of the problem. */
  promptLengths: Histogram & { unit: 'tokens' | 'words' }
  tests: TestCounts[]
  /** Rows dropped as duplicates, as near-duplicates or as similar though their answer is another than that of the row they repeat. */
  numConflicts: number
}

export function summaryOf(curation: Curation, tests: readonly SourcedRow[]): CurationSummary {
  const { kept, dropped } = curation
  const sources = sourceCounts(curation)
  return {
    numRows: kept.length + dropped.length,
    numKept: kept.length,
    sources,
    dropped: reasonCounts((reason) => dropped.filter((row) => row.reason === reason).length),
    answerKinds: answerKinds(curation),
    promptLengths: promptLengths(curation),
    tests: testCounts(curation, tests),
    numConflicts: dropped.filter(isConflict).length,
  }
}

/** Whether a dropped row and the row it repeats have different answers. */
export const isConflict = ({ reason, of }: Curation['dropped'][number]): boolean =>
  isRepeat.has(reason) && of?.hasSameAnswer === false

const isRepeat: ReadonlySet<DropReason> = new Set(['duplicate', 'nearDuplicate', 'similar'])

const reasonCounts = (count: (reason: DropReason) => number): Record<DropReason, number> =>
  Object.fromEntries(dropReasons.map((reason) => [reason, count(reason)])) as Record<DropReason, number>

function sourceCounts({ kept, dropped }: Curation): SourceCounts[] {
  const counts = new Map<string, SourceCounts>()
  const of = (source: string): SourceCounts => {
    const known = counts.get(source) ?? { source, numRows: 0, numKept: 0, dropped: reasonCounts(() => 0) }
    counts.set(source, known)
    known.numRows++
    return known
  }
  for (const { source } of kept) of(source).numKept++
  for (const { source, reason } of dropped) of(source).dropped[reason]++
  return [...counts.values()]
}

function answerKinds({ kept }: Curation): CurationSummary['answerKinds'] {
  const counts = new Map<string, number>()
  for (const { answerKind } of kept) counts.set(answerKind, (counts.get(answerKind) ?? 0) + 1)
  const kinds = [...counts].map(([kind, numRows]) => ({ kind, numRows }))
  return kinds.sort((a, b) => b.numRows - a.numRows || (a.kind < b.kind ? -1 : 1))
}

function promptLengths({ kept }: Curation): CurationSummary['promptLengths'] {
  const isCounted = kept.some(({ numPromptTokens }) => numPromptTokens !== undefined)
  const lengths = kept.map(({ numPromptTokens, numWords }) => numPromptTokens ?? numWords)
  return { unit: isCounted ? 'tokens' : 'words', ...histogramOf(lengths) }
}

function testCounts({ overlaps }: Curation, tests: readonly SourcedRow[]): TestCounts[] {
  const sources = [...new Set(tests.map(({ source }) => source))]
  return sources.map((source) => {
    const found = overlaps.filter(({ test }) => test.source === source)
    return {
      source,
      numProblems: tests.filter((test) => test.source === source).length,
      numOverlapped: new Set(found.map(({ test }) => test.row)).size,
      numRows: new Set(found.map(({ row }) => row.row)).size,
    }
  })
}
