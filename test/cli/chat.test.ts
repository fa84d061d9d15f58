import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { chat } from '../../lib/cli/chat.js'
import type { ChatMessage } from '../../lib/tokenizer/chat-template.js'

/** Types the next of the given keys whenever a question is awaited. */
function terminal(keys: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  let numTyped = 0
  output.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    if (text.includes('> ')) input.write(keys[numTyped++] ?? '\u0004')
  })
  return { input, output, shown: () => shown }
}

const never = new AbortController().signal

test('every answer is given all that was said before', async () => {
  const asked: [number, ChatMessage[]][] = []
  const { input, output } = terminal(['one\r', '\r', 'two\r'])
  const answer = async (messages: readonly ChatMessage[], { index }: { index: number }) => {
    asked.push([index, [...messages]])
    return `answer ${index}`
  }
  await chat({ input, output, terminal: true, signal: never, answer })
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
  await chat({ input, output, terminal: true, signal: never, answer })
  expect(numStopped).toBe(1)
})

test('a signal ends the chat with its reason', async () => {
  const controller = new AbortController()
  const reason = new Error('interrupted')
  const { input, output } = terminal([''])
  setTimeout(() => controller.abort(reason), 20)
  const answer = async () => ''
  await expect(chat({ input, output, terminal: true, signal: controller.signal, answer })).rejects.toBe(reason)
})
