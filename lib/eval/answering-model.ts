// What is evaluated: anything that answers problems.
import type { Row } from '../data/row.js'
import type { Protocol } from './result-record.js'

/** A problem and which of its samples are wanted. */
export interface Question {
  /** Place of the problem in its set. */
  index: number
  /** The problem. */
  row: Row
  /** Places among the problem's samples; each names a random stream of its own. */
  samples: readonly number[]
}

/** An answer before it is graded; or why there is none. */
export type RawAnswer =
  | {
      /** As the model gave it, from the end of the prompt on, thinking included. */
      text: string
      /** Its length, the stop token included; null where a server does not say. */
      numTokens: number | null
      /** It ended by itself, not at the limit. */
      isFinished: boolean
    }
  | {
      /** Why there is no answer, for people. */
      failure: string
    }

/** A question with its answers. */
export interface Answered {
  /** As it was asked. */
  question: Question
  /** One for each of the question's samples. */
  answers: readonly RawAnswer[]
}

/** Anything that answers problems: a model of ours, or a server. */
export interface AnsweringModel {
  /**
   * Each question once, with its answers, in any order. An answer depends on the seed, the set, the problem and the sample alone, not on
   * what else is asked.
   */
  answer(
    asked: { set: string; questions: readonly Question[] },
    options: { protocol: Protocol; signal?: AbortSignal | undefined },
  ): AsyncGenerator<Answered, void>
}
