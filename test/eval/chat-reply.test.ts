import { expect, test } from 'vitest'
import { answersOf } from '../../lib/eval/openai/chat-reply.js'

const bodyWith = (...reasons: string[]) =>
  JSON.stringify({
    choices: reasons.map((finish_reason, index) => ({ index, message: { content: `${index}` }, finish_reason })),
  })

test.each(['stop', 'eos_token', 'stop_sequence', 'eos'])('an answer that ended by "%s" is finished', (reason) => {
  expect(answersOf(bodyWith(reason))).toEqual([{ text: '0', numTokens: null, isFinished: true }])
})

test('one that was cut is not, and one that ended in any other way has failed', () => {
  expect(answersOf(bodyWith('length', 'content_filter', 'tool_calls'))).toEqual([
    { text: '0', numTokens: null, isFinished: false },
    { failure: 'the server ended the answer by "content_filter"' },
    { failure: 'the server ended the answer by "tool_calls"' },
  ])
})
