// What goes into a curation and what comes out.
import type { Row } from '../row.js'

/** A row and where it came from. */
export interface SourcedRow {
  /** As it was read, columns mapped. */
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
/**
 * Why a row is dropped, in the order in which the checks are made. 'proof': it asks for a proof. 'noAnswer': it has no final
 * answer. 'unreadableAnswer': the grader cannot read it. 'testOverlap': it overlaps a test problem. 'overlong': its prompt is
 * too long. 'duplicate', 'nearDuplicate': it repeats an earlier row. 'similar': it says what an earlier row of another source
 * says, by embedding.
 */
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
  /** Its data set. */
  source: string
  /** File and line, for people. */
  place: string
  /** Its row's. */
  id: string
  /** 1 for an exact duplicate; Jaccard similarity of shingles, or cosine of embeddings. */
  similarity: number
  /** Whether the two have the same answer; undefined for a test row without one. */
  hasSameAnswer: boolean | undefined
}

/** Why a row is dropped. */
export interface Drop {
  /** The check that was against it. */
  reason: DropReason
  /** What was expected or found, for people. */
  why: string
  /** Of a duplicate or an overlap: the row that it repeats. */
  of?: DuplicateOf
}

/** A row that every check let pass. */
export interface KeptRow extends SourcedRow {
  /** The final answers, any of which is right. */
  answers: readonly string[]
  /** Of the first answer, as the grader reads it. */
  answerKind: string
  /** Of the problem. */
  numWords: number
  /** Of the rendered prompt, where it was counted. */
  numPromptTokens: number | undefined
}

/** A row that a check was against. */
export interface DroppedRow extends SourcedRow, Drop {}

/** A test problem, and a row of the input that it overlaps. */
export interface FoundOverlap {
  /** The test problem. */
  test: SourcedRow
  /** The row of the input. */
  row: SourcedRow
  /**
   * 'exact': the same words. 'near': as similar as nearThreshold. 'contained': at least 0.9 of the test problem's shingles are
   * in the row. 'similar': by embedding.
   */
  kind: 'exact' | 'near' | 'contained' | 'similar'
  /** Jaccard similarity of shingles; for 'contained' the share of the test problem's shingles, for 'similar' the cosine. */
  similarity: number
}

/** What is left of a training set, and what is not. */
export interface Curation {
  /** In the order of the input. */
  kept: KeptRow[]
  /** In the order of the input, those dropped by embedding after all others. */
  dropped: DroppedRow[]
  /** In the order of the test problems. */
  overlaps: FoundOverlap[]
}

/** What the grader makes of an answer. */
export type ReadAnswer = (text: string) =>
  | {
      /** 'integer', 'tuple', 'text' or another of the kinds that the grader tells apart. */
      kind: string
      /** The same for every spelling of one answer that the grader knows. */
      canonical: string
    }
  | {
      /** It cannot be read. */
      kind: undefined
      /** The reason, for people. */
      why: string
    }

/** By which rules rows are checked; {@link mathRules} gives the first two. */
export interface CurationOptions {
  /** A row whose answer it cannot read is dropped. */
  readAnswer: ReadAnswer
  /** Whether two answers are the same; reported of duplicates, it drops nothing. */
  isSameAnswer: (answer: string, gold: string) => boolean
  /**
   * Jaccard similarity of the sets of runs of three words, from which texts are near-duplicates, and overlap a test problem.
   * Default 0.8.
   */
  nearThreshold?: number | undefined
  /** Prompts with more tokens are dropped; `count` is asked about many rows at once, those that no check before is against. */
  promptTokens?:
    | {
        /** Of the rendered prompts, in the order of the rows. */
        count: (rows: readonly Row[]) => Promise<readonly number[]>
        /** Longer prompts are dropped. */
        max: number
      }
    | undefined
  /** Also drops rows of one source whose embedding has more than this cosine with a row of another, or with a test problem. */
  embeddings?:
    | {
        /** A vector for each text, all of one length. */
        embed: (texts: readonly string[]) => Promise<Float32Array[]>
        /** Cosine, from −1 to 1. */
        threshold: number
      }
    | undefined
  /** Ends it; its reason is thrown. */
  signal?: AbortSignal | undefined
  /** Called now and then with the number of rows done. */
  onProgress?: ((numDone: number) => void) | undefined
}
