import { describe, expect, test } from 'vitest'
import type { ChatExample } from '../../../lib/data/chat/example.js'
import { chatExamples, type LearnedAnswers } from '../../../lib/data/chat/tokenize.js'
import type { ChatMessage } from '../../../lib/tokenizer/chat-template.js'
import type { Tokenizer } from '../../../lib/tokenizer/tokenizer.js'
import { type ByteTokenizerOptions, byteTokenizer, marked } from './byte-tokenizer.js'
import { bare, brackets, chatml, forgetful, headers, opening } from './templates.js'

const said = (...turns: [string, string][]): ChatMessage[] => turns.map(([role, content]) => ({ role, content }))

const single = said(['user', '1+1?'], ['assistant', '2'])
const multi = said(['user', '1+1?'], ['assistant', '2'], ['user', 'And 2+2?'], ['assistant', '4, żółć 🦆'])
const thinking = said(
  ['user', '1+1?'],
  ['assistant', '<think>\none</think>\n2'],
  ['user', '2+2?'],
  ['assistant', '<think>\ntwo</think>\n4'],
)

const rowsOf = (conversations: readonly ChatMessage[][]) =>
  conversations.map((messages, i) => ({
    ...{ file: 'chats.jsonl', place: `line ${i + 1}` },
    row: { id: `line ${i + 1}`, messages },
  }))

/** What is learned of each conversation, marked; or the message of what is wrong. */
async function learned(
  conversations: readonly ChatMessage[][],
  { answers, ...options }: ByteTokenizerOptions & { answers?: LearnedAnswers },
): Promise<string[]> {
  const tokenizer = await byteTokenizer(options)
  return texts(await examplesOf(conversations, { tokenizer, answers }), tokenizer)
}

async function examplesOf(
  conversations: readonly ChatMessage[][],
  options: { tokenizer: Tokenizer; answers?: LearnedAnswers | undefined },
): Promise<(ChatExample | Error)[]> {
  const all: (ChatExample | Error)[] = []
  for await (const example of chatExamples(rowsOf(conversations), options)) all.push(example)
  return all
}

const texts = (examples: readonly (ChatExample | Error)[], tokenizer: Tokenizer): string[] =>
  examples.map((example) => (example instanceof Error ? example.message : marked(example, tokenizer)))

describe('what is learned', () => {
  test.each([
    {
      ...{ name: 'ChatML', options: chatml },
      one: '<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n⟦2<|im_end|>⟧',
      rest: '\n<|im_start|>user\nAnd 2+2?<|im_end|>\n<|im_start|>assistant\n⟦4, żółć 🦆<|im_end|>⟧',
    },
    {
      ...{ name: 'headers', options: headers },
      one: '<|begin|><|header|>user<|/header|>\n\n1+1?<|eot|><|header|>assistant<|/header|>\n\n⟦2<|eot|>⟧',
      rest: '<|header|>user<|/header|>\n\nAnd 2+2?<|eot|><|header|>assistant<|/header|>\n\n⟦4, żółć 🦆<|eot|>⟧',
    },
    {
      ...{ name: 'brackets', options: brackets },
      one: '<s>[INST] 1+1? [/INST]⟦ 2</s>⟧',
      rest: '[INST] And 2+2? [/INST]⟦ 4, żółć 🦆</s>⟧',
    },
  ])('under $name is the answers and their end tokens, and nothing else', async ({ options, one, rest }) => {
    expect(await learned([single, multi], options)).toEqual([one, one + rest])
    const last = one.replace(/[⟦⟧]/g, '') + rest
    expect(await learned([single, multi], { ...options, answers: 'last' })).toEqual([one, last])
  })

  test('has the end token also where the template says none', async () => {
    expect(await learned([single, multi], bare)).toEqual(['1+1?⟦2<end>⟧', '1+1?⟦2⟧And 2+2?⟦4, żółć 🦆<end>⟧'])
  })

  test('leaves out the very first token, which nothing predicts', async () => {
    expect(await learned([said(['assistant', '2'])], bare)).toEqual(['2⟦<end>⟧'])
  })

  test('is the end token alone of an answer without words', async () => {
    expect(await learned([said(['user', 'a'], ['assistant', ''])], bare)).toEqual(['a⟦<end>⟧'])
    expect(
      await learned(
        [said(['user', 'a'], ['assistant', ''], ...single.map((m) => [m.role, m.content] as [string, string]))],
        bare,
      ),
    ).toEqual(['a1+1?⟦2<end>⟧'])
  })

  test('is in {% generation %} blocks what it is without them', async () => {
    const template = chatml.template.replace(
      "m.content + '<|im_end|>\\n' }}",
      "'' }}{% generation %}{{ m.content + '<|im_end|>\\n' }}{% endgeneration %}",
    )
    expect(template).toContain('generation')
    expect(await learned([multi], { ...chatml, template })).toEqual(await learned([multi], chatml))
  })
})

describe('a template that drops earlier thinking', () => {
  test('is an error that names the row and the message, and teaches the last answer alone', async () => {
    expect(await learned([single, thinking], forgetful)).toEqual([
      '<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n⟦2<|im_end|>⟧',
      'chats.jsonl, line 2: message 2: the chat template renders this answer otherwise once turns follow it, as templates ' +
        'do that drop the thinking of earlier turns; learn from the last answer alone, by answers: last',
    ])
    expect(await learned([thinking], { ...forgetful, answers: 'last' })).toEqual([
      '<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n2<|im_end|>\n' +
        '<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n⟦<think>\ntwo</think>\n4<|im_end|>⟧',
    ])
  })
})

describe('a template whose prompt opens the thinking', () => {
  test('is an error that shows where prompt and conversation part', async () => {
    expect(await learned([thinking.slice(0, 2)], opening)).toEqual([
      'chats.jsonl, line 1: message 2: the chat template does not render the answer behind its own prompt: from token 7 on ' +
        'the prompt reads "<think>\\n", the conversation "\\n2<|end|>"; answers: verbatim puts the answer there as it is',
    ])
  })

  test('is followed by the answer verbatim; what it has opened is not said twice', async () => {
    const verbatim = { ...opening, answers: 'verbatim' } as const
    const whole = '<|user|>1+1?<|assistant|><think>\n⟦one</think>\n2<|end|>⟧'
    expect(await learned([thinking.slice(0, 2)], verbatim)).toEqual([whole])
    expect(await learned([said(['user', '1+1?'], ['assistant', 'one</think>\n2'])], verbatim)).toEqual([whole])
    const ended = said(['user', '1+1?'], ['assistant', 'one</think>\n2<|end|>'])
    expect(await learned([ended], verbatim)).toEqual([whole])
  })
})

test('letters that make one token across the border of prompt and answer are an error', async () => {
  const merging = { ...bare, merges: ['? 2'] }
  const [message] = await learned([single], merging)
  expect(message).toMatch(/from token 4 on the prompt reads "\?", the conversation "\?2"/)
})

test('many conversations keep their order; those that the template refuses are errors among them', async () => {
  const tokenizer = await byteTokenizer(brackets)
  const conversations = Array.from({ length: 200 }, (_, i) =>
    i === 130 ? said(['system', 'x'], ['assistant', 'y']) : said(['user', String(i)], ['assistant', String(2 * i)]),
  )
  const examples = texts(await examplesOf(conversations, { tokenizer }), tokenizer)
  expect(examples[199]).toBe('<s>[INST] 199 [/INST]⟦ 398</s>⟧')
  expect(examples[130]).toBe('chats.jsonl, line 131: message 2: the chat template fails: no place for system')
  expect(examples.filter((text) => text.includes('fails'))).toHaveLength(1)
})

test('a conversation on which the template does not end is named', async () => {
  const endless =
    "{% if messages[0].content == '3' %}{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}{% endif %}"
  const tokenizer = await byteTokenizer({ ...bare, template: endless + bare.template })
  const { chatTemplate } = tokenizer
  Object.assign(Reflect.get(chatTemplate, 'process') as object, { deadlineMs: 300 })
  const conversations = Array.from({ length: 6 }, (_, i) => said(['user', String(i)], ['assistant', 'a']))
  const examples = texts(await examplesOf(conversations, { tokenizer }), tokenizer)
  expect(examples[3]).toBe(
    'chats.jsonl, line 4: message 2: the chat template fails: rendering failed: not done within 300 ms',
  )
  expect(examples.filter((text) => text.endsWith('⟦a<end>⟧'))).toHaveLength(5)
})
