// Several answers come at once, but are shown one after another: the first unfinished one as it comes, the others when it
// is their turn.
import type { DrawnToken } from '../rollout/request.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'

export interface StreamedAnswer {
  /** Without the stop token. */
  text: string
  numTokens: number
  finishReason: DrawnToken['finishReason']
}

export class AnswerStream {
  readonly answers: readonly StreamedAnswer[]
  readonly #decoders: ReturnType<Tokenizer['incrementalDecoder']>[]
  readonly #vocabSize: number
  readonly #write: (text: string) => void
  /** The answer shown now, and how many of its letters are. */
  #current = 0
  #numShown = 0

  /** `write` gets the text of all answers in order; with several, each has a title. */
  constructor(
    tokenizer: Pick<Tokenizer, 'incrementalDecoder' | 'vocabSize'>,
    { numAnswers, write }: { numAnswers: number; write: (text: string) => void },
  ) {
    this.answers = Array.from({ length: numAnswers }, () => ({ text: '', numTokens: 0, finishReason: undefined }))
    this.#decoders = this.answers.map(() => tokenizer.incrementalDecoder())
    this.#vocabSize = tokenizer.vocabSize
    this.#write = write
    if (numAnswers > 1) write(this.#title())
  }

  push({ answerIndex, token, finishReason }: DrawnToken): void {
    const answer = this.answers[answerIndex] as StreamedAnswer
    const decoder = this.#decoders[answerIndex]
    // The stop token is no text, and a padded vocabulary has tokens without any.
    if (finishReason !== 'stop' && token < this.#vocabSize) answer.text += decoder?.push(token) ?? ''
    if (finishReason !== undefined) answer.text += decoder?.end() ?? ''
    answer.numTokens += 1
    answer.finishReason = finishReason
    this.#show()
  }

  /** Ends the line of an answer that will not go on. */
  breakOff(): void {
    if (this.#numShown > 0) this.#write('\n')
  }

  #show(): void {
    for (;;) {
      const answer = this.answers[this.#current]
      if (answer === undefined) return
      if (answer.text.length > this.#numShown) this.#write(answer.text.slice(this.#numShown))
      this.#numShown = answer.text.length
      if (answer.finishReason === undefined) return
      this.#current += 1
      this.#numShown = 0
      this.#write(this.#current < this.answers.length ? `\n\n${this.#title()}` : '\n')
    }
  }

  #title(): string {
    return `answer ${this.#current + 1} of ${this.answers.length}:\n`
  }
}
