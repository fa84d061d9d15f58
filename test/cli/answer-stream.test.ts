import { expect, test } from 'vitest'
import { AnswerStream } from '../../lib/cli/answer-stream.js'
import type { DrawnToken } from '../../lib/rollout/request.js'
import { IncrementalDecoder } from '../../lib/tokenizer/incremental-decoder.js'

/** Tokens are bytes. */
const tokenizer = { vocabSize: 256, incrementalDecoder: () => new IncrementalDecoder((id) => Uint8Array.of(id)) }

function streamed(numAnswers: number) {
  const pieces: string[] = []
  const stream = new AnswerStream(tokenizer, { numAnswers, write: (text) => pieces.push(text) })
  const push = (answerIndex: number, tokens: readonly number[], finishReason?: DrawnToken['finishReason']) =>
    tokens.forEach((token, i) => {
      const isLast = i === tokens.length - 1
      stream.push({ promptIndex: 0, answerIndex, token, finishReason: isLast ? finishReason : undefined })
    })
  return { pieces, stream, push }
}
const bytesOf = (text: string): number[] => [...Buffer.from(text)]

test('a letter comes out with its last byte, and the stop token is no text', () => {
  const { pieces, stream, push } = streamed(1)
  push(0, bytesOf('aé'))
  expect(pieces).toEqual(['a', 'é'])
  push(0, [0], 'stop')
  expect(pieces).toEqual(['a', 'é', '\n'])
  expect(stream.answers).toEqual([{ text: 'aé', numTokens: 4, finishReason: 'stop' }])
})

test('an answer that is cut within a letter shows that, and tokens beyond the vocabulary have no text', () => {
  const { pieces, push } = streamed(1)
  push(0, [97, 300, 0xc3], 'length')
  expect(pieces.join('')).toBe('a\ufffd\n')
})

test('of several answers the first unfinished one is shown as it comes, the others in their turn', () => {
  const { pieces, push } = streamed(3)
  push(2, bytesOf('third!'), 'stop')
  push(1, bytesOf('sec'))
  push(0, bytesOf('f'))
  expect(pieces.join('')).toBe('answer 1 of 3:\nf')
  push(0, bytesOf('irst'), 'length')
  expect(pieces.join('')).toBe('answer 1 of 3:\nfirst\n\nanswer 2 of 3:\nsec')
  push(1, bytesOf('ond'), 'length')
  expect(pieces.join('')).toBe('answer 1 of 3:\nfirst\n\nanswer 2 of 3:\nsecond\n\nanswer 3 of 3:\nthird\n')
})
