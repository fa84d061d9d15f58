// What goes into a curation and what comes out.
import type { Row } from '../row.js'

/** A row and where it came from. */
export interface SourcedRow {
  row: Row
  /** The data set that it belongs to, for counts. */
  source: string
  /** File and line, for people. */
  place: string
  /** Its place is its name: the data set gives it no id. */
  isNamedByPlace?: boolean | undefined
  /** Columns of its data set that other fields were taken from; they are not written a second time. */
  mappedColumns?: ReadonlySet<string> | undefined
}

/** Why a row is dropped, in the order in which the checks are made. */
export const dropReasons = [
  'proof',
  'noAnswer',
  'unreadableAnswer',
  'testOverlap',
  'overlong',
  'duplicate',
  'nearDuplicate',
  'similar',
] as const
export type DropReason = (typeof dropReasons)[number]

export const reasonTexts: Record<DropReason, string> = {
  proof: 'asks for a proof',
  noAnswer: 'no final answer',
  unreadableAnswer: 'the grader cannot read the answer',
  testOverlap: 'overlaps a test problem',
  overlong: 'prompt too long',
  duplicate: 'duplicate',
  nearDuplicate: 'near-duplicate',
  similar: 'similar by embedding',
}

/** The row that another one repeats. */
export interface DuplicateOf {
  source: string
  place: string
  id: string
  /** 1 for an exact duplicate; Jaccard similarity of shingles, or cosine of embeddings. */
  similarity: number
  /** Whether the two have the same answer; undefined for a test row without one. */
  hasSameAnswer: boolean | undefined
}

export interface Drop {
  reason: DropReason
  /** What was expected or found, for people. */
  why: string
  of?: DuplicateOf
}

export interface KeptRow extends SourcedRow {
  /** The final answers, any of which is right. */
  answers: readonly string[]
  /** Of the first answer, as the grader reads it. */
  answerKind: string
  numWords: number
  /** Of the rendered prompt, where it was counted. */
  numPromptTokens: number | undefined
}

export interface DroppedRow extends SourcedRow, Drop {}

/** A test problem, and a row of the input that it overlaps. */
export interface FoundOverlap {
  test: SourcedRow
  row: SourcedRow
  kind: 'exact' | 'near' | 'contained' | 'similar'
  similarity: number
}

export interface Curation {
  /** In the order of the input. */
  kept: KeptRow[]
  dropped: DroppedRow[]
  /** In the order of the test problems. */
  overlaps: FoundOverlap[]
}

/** What the grader makes of an answer. */
export type ReadAnswer = (text: string) => { kind: string; canonical: string } | { kind: undefined; why: string }

export interface CurationOptions {
  readAnswer: ReadAnswer
  isSameAnswer: (answer: string, gold: string) => boolean
  /** Jaccard similarity from which texts are near-duplicates, and overlap a test problem. Default 0.8. */
  nearThreshold?: number | undefined
  /** Prompts with more tokens are dropped; `count` is asked about many rows at once, those that no check before is against. */
  promptTokens?: { count: (rows: readonly Row[]) => Promise<readonly number[]>; max: number } | undefined
  /** Also drops rows of one source whose embedding has more than this cosine with a row of another, or with a test problem. */
  embeddings?: { embed: (texts: readonly string[]) => Promise<Float32Array[]>; threshold: number } | undefined
  signal?: AbortSignal | undefined
  /** Called now and then with the number of rows done. */
  onProgress?: ((numDone: number) => void) | undefined
}
