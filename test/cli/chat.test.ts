import { expect, test } from 'vitest'
import { chat } from '../../lib/cli/chat.js'
import type { ChatMessage } from '../../lib/tokenizer/chat-template.js'
import { terminal } from './terminal.js'

const never = new AbortController().signal
const failed = (error: unknown) => {
  throw error
}

test('every answer is given all that was said before', async () => {
  const asked: [number, ChatMessage[]][] = []
  const { input, output } = terminal(['one\r', '\r', 'two\r'])
  const answer = async (messages: readonly ChatMessage[], { index }: { index: number }) => {
    asked.push([index, [...messages]])
    return `answer ${index}`
  }
  await chat({ input, output, terminal: true, signal: never, answer, failed })
  const one = { role: 'user', content: 'one' }
  const two = { role: 'user', content: 'two' }
  expect(asked).toEqual([
    [0, [one]],
    [1, [one, { role: 'assistant', content: 'answer 0' }, two]],
  ])
})

test('Ctrl-C stops an answer, and ends the chat where a question is awaited', async () => {
  const { input, output } = terminal(['one\r', '\u0003'])
  let numStopped = 0
  const answer = (_: readonly ChatMessage[], { stop }: { stop: AbortSignal }) =>
    new Promise<string>((resolve) => {
      stop.addEventListener('abort', () => {
        numStopped += 1
        resolve('half')
      })
      input.write('\u0003')
    })
  await chat({ input, output, terminal: true, signal: never, answer, failed })
  expect(numStopped).toBe(1)
})

test('a signal ends the chat with its reason', async () => {
  const controller = new AbortController()
  const reason = new Error('interrupted')
  const { input, output } = terminal([''])
  setTimeout(() => controller.abort(reason), 20)
  const answer = async () => ''
  await expect(chat({ input, output, terminal: true, signal: controller.signal, answer, failed })).rejects.toBe(reason)
})

test('a turn that fails is told of, and the conversation goes on without it', async () => {
  const { input, output } = terminal(['one\r', 'two\r', 'three\r'])
  const asked: [number, string[]][] = []
  const errors: unknown[] = []
  const tooLong = new Error('too long')
  const answer = async (messages: readonly ChatMessage[], { index }: { index: number }) => {
    asked.push([index, messages.map(({ content }) => content)])
    if (messages.at(-1)?.content === 'two') throw tooLong
    return `answer ${index}`
  }
  await chat({ input, output, terminal: true, signal: never, answer, failed: (error) => errors.push(error) })
  expect(errors).toEqual([tooLong])
  expect(asked).toEqual([
    [0, ['one']],
    [1, ['one', 'answer 0', 'two']],
    [1, ['one', 'answer 0', 'three']],
  ])
})
