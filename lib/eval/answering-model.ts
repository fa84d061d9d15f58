// What is evaluated: anything that answers problems.
import type { Row } from '../data/row.js'
import type { Protocol } from './result-record.js'

/** A problem and which of its samples are wanted. */
export interface Question {
  /** Place of the problem in its set. */
  index: number
  row: Row
  /** Places among the problem's samples; each names a random stream of its own. */
  samples: readonly number[]
}

export type RawAnswer = { text: string; numTokens: number | null; isFinished: boolean } | { failure: string }

export interface Answered {
  question: Question
  /** One for each of the question's samples. */
  answers: readonly RawAnswer[]
}

export interface AnsweringModel {
  /** In any order. An answer depends on the seed, the set, the problem and the sample alone, not on what else is asked. */
  answer(
    asked: { set: string; questions: readonly Question[] },
    options: { protocol: Protocol; signal?: AbortSignal | undefined },
  ): AsyncGenerator<Answered, void>
}
