import { expect, test } from 'vitest'
import { conversationExamples } from '../../../lib/data/chat/conversation-examples.js'
import { byteTokenizer, marked } from './byte-tokenizer.js'
import { chatml } from './templates.js'

const said = (id: string, answer: string) => ({
  id,
  messages: [
    { role: 'user', content: '1+1?' },
    { role: 'assistant', content: answer },
  ],
})

test('conversations in memory become examples, in their order', async () => {
  const tokenizer = await byteTokenizer(chatml)
  const examples = await conversationExamples([said('a', '2'), said('b', 'two')], { tokenizer })
  expect(examples.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(examples.map((example) => marked(example, tokenizer))).toEqual([
    '<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n⟦2<|im_end|>⟧',
    '<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n⟦two<|im_end|>⟧',
  ])
  expect(await conversationExamples([], { tokenizer })).toEqual([])
})

test('one without an answer is told of by its id', async () => {
  const tokenizer = await byteTokenizer(chatml)
  const question = { id: 'asked', messages: [{ role: 'user', content: '1+1?' }] }
  await expect(conversationExamples([said('a', '2'), question], { tokenizer })).rejects.toThrow(
    'conversations, "asked"',
  )
})
