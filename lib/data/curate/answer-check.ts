// A row must have a final answer that the grader reads: what it cannot read, it would score 0 for ever.
import type { Candidate } from './candidate.js'
import { isProofAnswer, isProofProblem } from './proof.js'
import type { CurationOptions, Drop } from './types.js'

/** What a row's answer is, or why the row is dropped. */
export type JudgedAnswer = { answerKind: string } | Drop

export class AnswerCheck {
  readonly #readAnswer: CurationOptions['readAnswer']

  constructor({ readAnswer }: Pick<CurationOptions, 'readAnswer'>) {
    this.#readAnswer = readAnswer
  }

  /** Of several answers each must be readable: any of them may be the one that a model gives. */
  judge({ row, answers }: Candidate): JudgedAnswer {
    if (isProofProblem(row.problem) || answers.some(isProofAnswer))
      return { reason: 'proof', why: 'the problem asks for a proof' }
    if (answers.length === 0) return { reason: 'noAnswer', why: 'no final answer in answer or solution' }
    const read = answers.map((answer) => ({ answer, ...this.#readAnswer(answer) }))
    const unreadable = read.find(({ kind }) => kind === undefined)
    if (unreadable && 'why' in unreadable)
      return { reason: 'unreadableAnswer', why: `${clipped(unreadable.answer)}: ${unreadable.why}` }
    return { answerKind: read[0]?.kind as string }
  }
}

const clipped = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 79)}…`)
