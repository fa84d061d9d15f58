// Examples packed one after another, without padding: no token of one attends to another's, and only the rows that predict a
// learned token go on to the vocabulary. Pure.
import { type ChatExample, numInputTokensOf, type TokenIds } from '../../data/chat/example.js'

export type LearnedExample = Pick<ChatExample, 'tokens' | 'answers'>

/** B examples of T input tokens in all, R of which predict a learned token. */
export interface PackedExamples {
  /** Inputs of each example: its tokens but the last, which predicts nothing. */
  readonly sequences: readonly TokenIds[]
  readonly rows: Int32Array // [R] into the packed tokens
  readonly targets: Int32Array // [R]
}

export function packExamples(examples: readonly LearnedExample[]): PackedExamples {
  const rows: number[] = []
  const targets: number[] = []
  let first = 0
  const sequences = examples.map(({ tokens, answers }) => {
    for (const { begin, end } of answers)
      for (let t = begin; t < end; t++) {
        rows.push(first + t - 1) // the row of the token before predicts this one
        targets.push(tokens[t] as number)
      }
    const inputs = tokens.slice(0, -1)
    first += inputs.length
    return inputs
  })
  return { sequences, rows: Int32Array.from(rows), targets: Int32Array.from(targets) }
}

/** Whole examples in order, as many as a budget of input tokens takes; a longer one is alone. */
export function cutByTokens<E extends Pick<ChatExample, 'tokens'>>(examples: readonly E[], maxTokens: number): E[][] {
  const parts: E[][] = []
  let numTokens = 0
  for (const example of examples) {
    const last = parts.at(-1)
    const length = numInputTokensOf(example)
    const fits = last !== undefined && numTokens + length <= maxTokens
    if (fits) last.push(example)
    else parts.push([example])
    numTokens = fits ? numTokens + length : length
  }
  return parts
}
