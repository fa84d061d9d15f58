// Answers from the body of a chat completion.
import { z } from 'zod'
import type { RawAnswer } from '../answering-model.js'
import { PassingFailure } from './failures.js'

const choiceSchema = z.looseObject({
  index: z.int().optional(),
  // Some servers part the thinking from the rest.
  message: z.looseObject({
    content: z.string().nullish(),
    reasoning_content: z.string().nullish(),
    reasoning: z.string().nullish(),
  }),
  finish_reason: z.string(),
})

const bodySchema = z.looseObject({
  choices: z.array(choiceSchema).min(1),
  usage: z.looseObject({ completion_tokens: z.number().min(0) }).nullish(),
})

/** How servers say that the model ended its answer: most by "stop", text-generation-inference and others by the rest. */
const stopReasons = new Set(['stop', 'eos_token', 'stop_sequence', 'eos'])

/**
 * The answers in their order. Of several, each is given an equal part of the tokens that the server counts for all of them. A body
 * that is not a whole completion is a PassingFailure: it was cut on its way.
 */
export function answersOf(text: string): RawAnswer[] {
  const { choices, usage } = parse(text)
  const inOrder = choices.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0))
  const numTokens = usage ? usage.completion_tokens / choices.length : null
  return inOrder.map((choice): RawAnswer => {
    const { finish_reason: reason } = choice
    const isFinished = stopReasons.has(reason)
    if (!isFinished && reason !== 'length') return { failure: `the server ended the answer by "${reason}"` }
    return { text: textOf(choice), numTokens, isFinished }
  })
}

function parse(text: string): z.output<typeof bodySchema> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new PassingFailure('half an answer: the body is not whole JSON')
  }
  const { success, data, error } = bodySchema.safeParse(body)
  if (success) return data
  const issue = error.issues[0]
  throw new PassingFailure(`half an answer: ${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
}

/** As the model wrote it, thinking and all. */
function textOf({ message }: z.output<typeof choiceSchema>): string {
  const { content, reasoning_content, reasoning } = message
  const thinking = reasoning_content || reasoning
  return thinking ? `<think>${thinking}</think>${content ?? ''}` : (content ?? '')
}
