// A row with what the checks look at.
import { goldAnswers } from './gold-answer.js'
import { shinglesOf } from './shingles.js'
import type { DuplicateOf, SourcedRow } from './types.js'
import { textKey, wordsOf } from './words.js'

export interface Candidate extends SourcedRow {
  answers: readonly string[]
  words: readonly string[]
  /** Equal for exact duplicates. */
  key: string
  shingles: Uint32Array
}

export function candidateOf(sourced: SourcedRow): Candidate {
  const words = wordsOf(sourced.row.problem)
  const answers = goldAnswers(sourced.row)
  return { ...sourced, answers, words, key: textKey(words), shingles: shinglesOf(words) }
}

export type IsSameAnswer = (answer: string, gold: string) => boolean

interface Answered extends SourcedRow {
  answers: readonly string[]
}

/** `other`, as the row that `candidate` repeats. */
export function duplicateOf(
  candidate: Answered,
  other: Answered,
  { similarity, isSameAnswer }: { similarity: number; isSameAnswer: IsSameAnswer },
): DuplicateOf {
  const { source, place, row } = other
  const hasSameAnswer =
    candidate.answers.length === 0 || other.answers.length === 0
      ? undefined
      : candidate.answers.some((answer) => other.answers.some((gold) => answer === gold || isSameAnswer(answer, gold)))
  return { source, place, id: row.id, similarity, hasSameAnswer }
}

/** For messages: `aime/12 (aime.jsonl, line 3)`. */
export const nameOf = ({ row, place, isNamedByPlace }: SourcedRow): string =>
  isNamedByPlace ? place : `${JSON.stringify(row.id)} at ${place}`
