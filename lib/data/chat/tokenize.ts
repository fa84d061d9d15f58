// Conversations to examples: rendered by the model's chat template many at a time, and cut into tokens.

import { requireArrays, requireEach, requireObjects } from '../../arguments.js'
import { FileFormatError, messageOf, TokenizerError } from '../../errors.js'
import type { ChatMessage, ChatTemplate, ConversationToRender } from '../../tokenizer/chat-template.js'
import type { Rendered } from '../../tokenizer/template-process.js'
import { turnOfEventLoop } from '../../turn.js'
import type { PlacedRow } from '../read-records.js'
import { type AnswerTexts, answerSpans, type Encoding, verbatimAnswer } from './answer-spans.js'
import { type Conversation, isAnswer } from './conversation.js'
import type { ChatExample } from './example.js'

export const learnedAnswers = ['all', 'last', 'verbatim'] as const
/**
 * Which answers of a conversation are learned. 'all'; 'last': the last one; 'verbatim': the last as it is written, behind the
 * template's prompt, whatever the template would make of it.
 */
export type LearnedAnswers = (typeof learnedAnswers)[number]

/** How rendered conversations become tokens. */
export interface TokenizeOptions {
  /** Of the model that learns. */
  tokenizer: Encoding & {
    /** Renders conversations up to each answer, and with it. */
    readonly chatTemplate: Pick<ChatTemplate, 'renderAll'>
  }
  /** Default 'all'. */
  answers?: LearnedAnswers | undefined
  /** Ends it; its reason is thrown. */
  signal?: AbortSignal | undefined
}

/** Conversations rendered in one go. */
const together = 64

/** Throws where there is no tokenizer, and for another kind of answers. */
export function requireTokenize(options: TokenizeOptions): void {
  requireObjects('examples', { options })
  const { tokenizer, answers = 'all' } = options
  requireObjects('examples', { tokenizer })
  requireEach('examples', `one of ${learnedAnswers.join(', ')}`, { answers }, (name) =>
    learnedAnswers.includes(name as never),
  )
}

/** The example of each conversation, in order; of one that the template cannot render, or breaks, what is wrong. */
export async function* chatExamples(
  rows: readonly PlacedRow<Conversation>[],
  options: TokenizeOptions,
): AsyncGenerator<ChatExample | FileFormatError> {
  requireArrays('examples', { rows })
  requireTokenize(options)
  const { tokenizer, answers = 'all', signal } = options
  for (let begin = 0; begin < rows.length; begin += together) {
    const part = rows.slice(begin, begin + together)
    const texts = await renderedTexts(part, tokenizer.chatTemplate, answers)
    for (const [i, row] of part.entries()) {
      await turnOfEventLoop() // a long text takes its time
      signal?.throwIfAborted()
      const made = texts[i] as Texts
      const example = typeof made === 'string' ? made : exampleOf(row.row, made, { tokenizer, answers })
      yield typeof example === 'string' ? new FileFormatError(row, example) : example
    }
  }
}

/** Of each learned answer of a conversation; or why there are none. */
type Texts = AnswerTexts[] | string

async function renderedTexts(
  rows: readonly PlacedRow<Conversation>[],
  template: Pick<ChatTemplate, 'renderAll'>,
  answers: LearnedAnswers,
): Promise<Texts[]> {
  const asked = rows.map(({ row: { messages } }) =>
    learnedMessages(messages, answers).map((index) => ({ index, renders: rendersOf(messages, index, answers) })),
  )
  const all = asked.flatMap((of) => of.flatMap(({ renders }) => renders))
  const rendered = await renderEach(template, all)
  const next = rendered.values()
  return asked.map((of) =>
    textsOf(of.map(({ index, renders }) => ({ index, results: renders.map(() => next.next().value as Rendered) }))),
  )
}

/** The places of the answers that are learned. */
function learnedMessages(messages: readonly ChatMessage[], answers: LearnedAnswers): number[] {
  const all = messages.flatMap((message, index) => (isAnswer(message) ? [index] : []))
  return answers === 'all' ? all : all.slice(-1)
}

function rendersOf(messages: readonly ChatMessage[], index: number, answers: LearnedAnswers): ConversationToRender[] {
  const opened = { messages: messages.slice(0, index), addGenerationPrompt: true }
  if (answers === 'verbatim') return [opened]
  return [opened, { messages: messages.slice(0, index + 1), addGenerationPrompt: false }]
}

/** One that ends the template's process, or does not end, is found by rendering one after the other. */
async function renderEach(
  template: Pick<ChatTemplate, 'renderAll'>,
  conversations: readonly ConversationToRender[],
): Promise<Rendered[]> {
  try {
    return await template.renderAll(conversations)
  } catch (error) {
    if (!(error instanceof TokenizerError)) throw error
    if (conversations.length === 1) return [{ error: messageOf(error) }]
    const one: Rendered[] = []
    for (const conversation of conversations) one.push(...(await renderEach(template, [conversation])))
    return one
  }
}

function textsOf(parts: readonly { index: number; results: readonly Rendered[] }[]): Texts {
  const texts: AnswerTexts[] = []
  for (const { index, results } of parts) {
    const failed = results.find((result) => 'error' in result)
    if (failed)
      return `message ${index + 1}: the chat template fails: ${failed.error.replace(/^\[chat template\] /, '')}`
    const [opened, closed] = results as { text: string }[]
    texts.push({ message: index + 1, opened: opened?.text ?? '', closed: closed?.text ?? '' })
  }
  return texts
}

function exampleOf(
  { id, messages }: Conversation,
  texts: readonly AnswerTexts[],
  { tokenizer, answers }: { tokenizer: Encoding; answers: LearnedAnswers },
): ChatExample | string {
  if (texts.length === 0) return 'expected a message of role assistant, got none'
  try {
    const made =
      answers === 'verbatim'
        ? verbatimAnswer({ opened: texts[0]?.opened ?? '', content: messages.at(-1)?.content ?? '' }, tokenizer)
        : answerSpans(texts, tokenizer)
    if (typeof made === 'string') return made
    if (made.answers.length === 0) return 'expected an answer of at least one token, got none'
    return { id, tokens: Int32Array.from(made.tokens), answers: made.answers }
  } catch (error) {
    if (error instanceof TokenizerError) return messageOf(error) // text that the vocabulary has no tokens for
    throw error
  }
}
