// A conversation as tokens, and which of them the assistant says.
import { requireArrays, requireObjects } from '../../arguments.js'

/** Tokens [begin, end) of an example. */
export interface TokenSpan {
  /** The first of them. */
  readonly begin: number
  /** Behind the last of them. */
  readonly end: number
}

/** Ids of tokens. Those of a data set are kept in 4 bytes each. */
export type TokenIds = readonly number[] | Int32Array

/** A conversation as tokens, and those that are learned: the assistant's, each predicted from those before it. */
export interface ChatExample {
  /** The conversation's. */
  readonly id: string
  /** All of them, up to the last that is learned. */
  readonly tokens: TokenIds
  /** In order, none empty; the first token of all is never among them, since nothing predicts it. */
  readonly answers: readonly TokenSpan[]
}

/** Tokens that go through the model: the last one predicts nothing. */
export const numInputTokensOf = ({ tokens }: Pick<ChatExample, 'tokens'>): number => tokens.length - 1

/** Tokens that are learned: those of all answers. */
export function numLearnedTokensOf(example: Pick<ChatExample, 'answers'>): number {
  requireObjects('examples', { example })
  requireArrays('examples', { answers: example.answers })
  return example.answers.reduce((sum, { begin, end }) => sum + end - begin, 0)
}

/** The example's first `maxTokens`; undefined where none of its answers is among them. */
export function cutExample(example: ChatExample, maxTokens: number): ChatExample | undefined {
  const within = example.answers.flatMap(({ begin, end }) =>
    begin < maxTokens ? [{ begin, end: Math.min(end, maxTokens) }] : [],
  )
  const last = within.at(-1)
  return last && { id: example.id, tokens: example.tokens.slice(0, last.end), answers: within }
}
