// From a record of a file to a conversation: what is asked and what the assistant answers.
import { z } from 'zod'
import { FileFormatError, messageOf } from '../../errors.js'
import { parseJson } from '../../io/json.js'
import type { ChatMessage } from '../../tokenizer/chat-template.js'
import { fillTurn } from '../prompt.js'
import type { RecordPlace } from '../read-records.js'

/** What is asked and what the assistant answers. */
export interface Conversation {
  /** Unique in its data set. */
  readonly id: string
  /** The last one is the assistant's. Further fields of a message go to the template with it. */
  readonly messages: readonly ChatMessage[]
}

/** What is made of records that are no conversations as they are. */
export interface ConversationOptions {
  /** The user's turn of a row with problem and solution, made of its fields: `{problem}` by default. */
  turn?: string | undefined
  /** A system turn for conversations that begin without one. */
  system?: string | undefined
}

export const isAnswer = ({ role }: ChatMessage): boolean => role === 'assistant'

/**
 * The conversation of a record with `messages`, or with `prompt` and `completion` (text, or messages), or with `problem` and
 * `solution`. What comes after the last answer is left out. What is wrong with a record that is none is returned.
 */
export function conversationOf(
  value: unknown,
  at: RecordPlace,
  { turn = '{problem}', system }: ConversationOptions = {},
): Conversation | FileFormatError {
  const result = recordSchema.safeParse(unfolded(value, at))
  if (!result.success) return problemAt(at, result.error.issues[0])
  const id = result.data.id ?? at.name
  const told = messagesOf({ ...result.data, id }, turn)
  if (typeof told === 'string') return new FileFormatError(at, told)
  const last = told.findLastIndex(isAnswer)
  if (last < 0) return new FileFormatError(at, 'expected a message of role assistant, got none')
  const messages = told.slice(0, last + 1)
  if (system !== undefined && messages[0]?.role !== 'system') messages.unshift({ role: 'system', content: system })
  return { id, messages }
}

/** Fields without a value, as Parquet has them where another row's message has one, are no fields to a template. */
const message = z
  .looseObject({
    role: z.string('expected text').min(1, 'expected text, got none'),
    content: z.string('expected text'),
  })
  .transform((fields): ChatMessage => {
    const { role, content, ...others } = fields
    const given = Object.entries(others).filter(([, field]) => field !== null && field !== undefined)
    return { role, content, ...Object.fromEntries(given) }
  })
const messages = z.array(message, 'expected a list of messages').min(1, 'expected messages, got none')
const textOrMessages = z.union([z.string(), messages])

const recordSchema = z.looseObject({
  id: z.union([z.string(), z.number().transform(String)], 'expected text or a number').optional(),
  messages: messages.nullish(),
  prompt: textOrMessages.nullish(),
  completion: textOrMessages.nullish(),
  problem: z.string('expected text').nullish(),
  solution: z.string('expected text').nullish(),
})

type ChatRecord = z.output<typeof recordSchema> & { id: string }

/** A format of plain columns, such as CSV, holds lists of messages as JSON. */
function unfolded(value: unknown, { file, place }: RecordPlace): unknown {
  if (typeof value !== 'object' || value === null || !('messages' in value)) return value
  const { messages } = value
  if (typeof messages !== 'string') return value
  try {
    return { ...value, messages: parseJson(messages, { file, place }) }
  } catch {
    return value // said below, as any other text in its place
  }
}

/** What is said in order, or what the record lacks. */
function messagesOf(record: ChatRecord, turn: string): ChatMessage[] | string {
  const { messages, prompt, completion, problem, solution } = record
  if (present(messages)) return messages
  if (present(prompt) && present(completion)) return [...turnOf('user', prompt), ...turnOf('assistant', completion)]
  if (!present(problem) || !present(solution)) return lacking(record)
  try {
    return [
      ...turnOf('user', fillTurn(turn, { ...record, problem, answer: undefined })),
      ...turnOf('assistant', solution),
    ]
  } catch (error) {
    return messageOf(error)
  }
}

const present = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined

const turnOf = (role: string, said: string | ChatMessage[]): ChatMessage[] =>
  typeof said === 'string' ? [{ role, content: said }] : said

function lacking(record: object): string {
  const columns = Object.keys(record).filter((name) => present((record as Record<string, unknown>)[name]))
  const got = columns.join(', ').slice(0, 400)
  return `expected messages, prompt and completion, or problem and solution, got the columns ${got}`
}

function problemAt(at: RecordPlace, issue: z.core.$ZodIssue | undefined): FileFormatError {
  const inner = issue?.code === 'invalid_union' ? issue.errors.flat().find(({ path }) => path.length > 0) : undefined
  const path = [...(issue?.path ?? []), ...(inner?.path ?? [])]
  const field = path.length > 0 ? `${path.join('.')}: ` : ''
  const expected = issue?.code === 'invalid_union' && !inner ? 'expected text or a list of messages' : undefined
  return new FileFormatError(at, `${field}${expected ?? inner?.message ?? issue?.message ?? 'unexpected content'}`)
}
