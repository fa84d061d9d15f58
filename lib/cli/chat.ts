// A conversation on a terminal. Ctrl-C stops an answer; Ctrl-C or Ctrl-D where a question is awaited ends the chat.
import { createInterface, type Interface } from 'node:readline/promises'
import type { ChatMessage } from '../tokenizer/chat-template.js'

export interface ChatOptions {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
  /** Whether the input is a terminal, whose keys come one by one. */
  terminal: boolean
  signal: AbortSignal
  /** Writes the answer as it comes and returns what there is of it when it ends or is stopped. */
  answer: (messages: readonly ChatMessage[], turn: { index: number; stop: AbortSignal }) => Promise<string>
  /** Told of what ended a turn without an answer; its question is forgotten. */
  failed: (error: unknown) => void
}

export async function chat({ input, output, terminal, signal, answer, failed }: ChatOptions): Promise<void> {
  const lines = createInterface({ input, output, terminal })
  let answering: AbortController | undefined
  lines.on('SIGINT', () => (answering ? answering.abort() : lines.close()))
  const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
  const messages: ChatMessage[] = []
  try {
    for (let index = 0; ; ) {
      const question = await Promise.race([ask(lines, signal), closed])
      if (question === undefined) return
      if (question.trim() === '') continue
      messages.push({ role: 'user', content: question })
      answering = new AbortController()
      try {
        const content = await answer(messages, { index, stop: answering.signal })
        messages.push({ role: 'assistant', content })
        index += 1
      } catch (error) {
        signal.throwIfAborted()
        messages.pop()
        failed(error)
      } finally {
        answering = undefined
      }
    }
  } finally {
    lines.close()
    output.write('\n')
  }
}

async function ask(lines: Interface, signal: AbortSignal): Promise<string> {
  try {
    return await lines.question('> ', { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
