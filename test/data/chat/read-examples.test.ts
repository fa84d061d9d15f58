import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteFile } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { readConversations } from '../../../lib/data/chat/read-conversations.js'
import { type ExampleOptions, type ExampleSet, readChatExamples } from '../../../lib/data/chat/read-examples.js'
import type { DataSource } from '../../../lib/data/source.js'
import { root } from '../../helpers/source-files.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { byteTokenizer, marked } from './byte-tokenizer.js'
import { bare } from './templates.js'

const fileWith = (name: string, text: string): string => {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, text)
  return file
}
const lines = (...rows: object[]) => fileWith('chats.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })

async function read(
  source: string | DataSource,
  options: Partial<ExampleOptions> = {},
): Promise<ExampleSet & { texts: string[] }> {
  const tokenizer = await byteTokenizer(bare)
  const set = await readChatExamples(source, { tokenizer, ...options })
  return { ...set, texts: set.examples.map((example) => marked(example, tokenizer)) }
}

describe('a row', () => {
  test('is messages, prompt and completion, or problem and solution', async () => {
    const file = lines(
      { messages: [user('a'), assistant('b')] },
      { prompt: 'a', completion: 'b' },
      { prompt: [{ role: 'system', content: 's' }, user('a')], completion: [assistant('b')] },
      { problem: 'a', solution: 'b', level: 3 },
      { id: 7, messages: [user('a'), assistant('b'), user('c')] },
    )
    const { texts, examples } = await read(file)
    expect(texts).toEqual(['a⟦b<end>⟧', 'a⟦b<end>⟧', 'sa⟦b<end>⟧', 'a⟦b<end>⟧', 'a⟦b<end>⟧'])
    expect(examples.map(({ id }) => id)).toEqual(['line 1', 'line 2', 'line 3', 'line 4', '7'])
  })

  test('has its columns under other names, and a turn made of its fields', async () => {
    const source = {
      path: join(root, 'test/fixtures/gsm8k/test.jsonl'),
      columns: { problem: 'question', solution: 'answer' },
    }
    const [first] = await readConversations(source, { turn: '{problem} Think!', system: 'Be brief.' })
    expect(first?.row.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: expect.stringMatching(/^Janet’s ducks .*\? Think!$/s) },
      { role: 'assistant', content: expect.stringMatching(/^Janet sells .*#### 18$/s) },
    ])
  })

  test('keeps its own system turn, and what else its messages say, without fields that have no value', async () => {
    const messages = [{ role: 'system', content: 'own' }, user('a'), { ...assistant('b'), name: 'x', tool_calls: null }]
    const [first] = await readConversations(lines({ messages }), { system: 'other' })
    expect(first?.row.messages).toEqual([messages[0], messages[1], { ...assistant('b'), name: 'x' }])
  })

  test('of CSV holds its messages as JSON', async () => {
    const json = JSON.stringify([user('a'), assistant('b')]).replaceAll('"', '""')
    expect((await read(fileWith('chats.csv', `messages\n"${json}"\n`))).texts).toEqual(['a⟦b<end>⟧'])
  })

  test('of Parquet or JSON holds its messages as lists', async () => {
    const file = join(temporaryFolder(), 'chats.parquet')
    const data = [
      [user('a'), assistant('b')],
      [user('c'), assistant('d')],
    ]
    parquetWriteFile({ filename: file, columnData: [{ name: 'messages', data, type: 'JSON' }] })
    expect((await read(file)).texts).toEqual(['a⟦b<end>⟧', 'c⟦d<end>⟧'])
    const json = fileWith('chats.json', JSON.stringify([{ messages: data[0] }]))
    expect((await read(json)).texts).toEqual(['a⟦b<end>⟧'])
  })

  test.each([
    [{ text: 'a' }, 'expected messages, prompt and completion, or problem and solution, got the columns id, text'],
    [{ messages: [] }, 'messages: expected messages, got none'],
    [{ messages: 'hello' }, 'messages: expected a list of messages'],
    [{ messages: [user('a'), { role: 'assistant' }] }, 'messages.1.content: expected text'],
    [{ messages: [user('a')] }, 'expected a message of role assistant, got none'],
    [{ prompt: 'a', completion: [{ content: 'b' }] }, 'completion.0.role: expected text'],
    [{ prompt: 5, completion: 'b' }, 'prompt: expected text or a list of messages'],
    [
      { problem: 'a', solution: null },
      'expected messages, prompt and completion, or problem and solution, got the columns id, problem',
    ],
  ])('%j is an error with its line', async (row, message) => {
    const good = { messages: [user('a'), assistant('b')] }
    const file = lines(good, { id: 'x', ...row })
    await expect(read(file)).rejects.toMatchObject({ code: 'FileFormatError', message: `${file}, line 2: ${message}` })
    const problems: string[] = []
    const onBadRow = ({ message }: Error) => void problems.push(message)
    const { texts, numBad } = await read({ path: file, maxBadRows: 1 }, { onBadRow })
    expect([texts, numBad, problems]).toEqual([['a⟦b<end>⟧'], 1, [`${file}, line 2: ${message}`]])
  })
})

describe('longer examples than the limit', () => {
  const file = () =>
    lines(
      { prompt: 'ab', completion: 'cd' },
      { prompt: 'abc', completion: 'defg' },
      { prompt: 'abcdefghi', completion: 'j' },
    )

  test('are an error that names the row', async () => {
    const path = file()
    await expect(read(path, { maxTokens: 5 })).rejects.toMatchObject({
      code: 'FileFormatError',
      message: `${path}, line 2: expected at most maxTokens = 5 tokens, got 8; tooLong: drop or cut`,
    })
  })

  test('are dropped and counted', async () => {
    expect(await read(file(), { maxTokens: 5, tooLong: 'drop' })).toMatchObject({
      texts: ['ab⟦cd<end>⟧'],
      numDropped: 2,
      numCut: 0,
    })
    expect(await read(file(), { maxTokens: 8, tooLong: 'drop' })).toMatchObject({ numDropped: 1, numCut: 0 })
  })

  test('are cut and counted; one that has no answer left is dropped', async () => {
    expect(await read(file(), { maxTokens: 5, tooLong: 'cut' })).toMatchObject({
      ...{ texts: ['ab⟦cd<end>⟧', 'abc⟦de⟧'], numDropped: 1, numCut: 1 },
    })
  })

  test('may leave nothing, which is an error', async () => {
    await expect(read(file(), { maxTokens: 2, tooLong: 'drop' })).rejects.toThrow(
      'expected at least one example that can be used, got 3 too long and 0 bad rows',
    )
  })
})

test('rows that cannot be read and rows that the template breaks count together', async () => {
  const file = lines({ prompt: 'a', completion: 'b' }, { text: 'c' }, { prompt: 'x', completion: 'y' })
  const tokenizer = await byteTokenizer({
    ...bare,
    template: `{% if messages[0].content == 'x' %}{{ raise_exception('no x') }}{% endif %}${bare.template}`,
  })
  const options = { tokenizer }
  expect(await readChatExamples({ path: file, maxBadRows: 2 }, options)).toMatchObject({ numBad: 2 })
  await expect(readChatExamples({ path: file, maxBadRows: 1 }, options)).rejects.toThrow(
    /line 3: message 2: the chat template fails: no x; expected at most 1 bad rows \(maxBadRows\), got one more$/,
  )
})
