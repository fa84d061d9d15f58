import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

/** A byte-level tokenizer as small as they come: 256 bytes, two merges, two added tokens and a hole before the last. */
function byteLevelJson(): Record<string, unknown> {
  const letters: string[] = []
  let numOthers = 0
  for (let byte = 0; byte < 256; byte++) {
    const isPrinting = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
    letters.push(String.fromCodePoint(isPrinting ? byte : 0x100 + numOthers++))
  }
  const vocab = Object.fromEntries([...letters, 'Ġa', 'th'].map((token, id) => [token, id]))
  const added = { single_word: false, lstrip: false, rstrip: false, normalized: false }
  return {
    version: '1.0',
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    added_tokens: [
      { id: 258, content: '<|end|>', special: true, ...added },
      { id: 300, content: '<think>', special: false, ...added },
    ],
    model: { type: 'BPE', vocab, merges: ['Ġ a', 't h'] },
  }
}

interface Files {
  json?: Record<string, unknown>
  config?: Record<string, unknown>
  extra?: Record<string, string>
}

function folderWith({ json = byteLevelJson(), config = { eos_token: '<|end|>' }, extra = {} }: Files = {}): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json))
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config))
  for (const [name, text] of Object.entries(extra)) writeFileSync(join(folder, name), text)
  return folder
}

function load(files?: Files): Promise<Tokenizer> {
  return Tokenizer.load(folderWith(files))
}

test('text goes to ids and back, merges and added tokens included', async () => {
  const tokenizer = await load()
  const text = 'th a <think>zażółć 🦆\uFEFF\r\n<|end|>'
  const ids = tokenizer.encode(text)
  expect(ids.slice(0, 2)).toEqual([257, 256])
  expect(ids.filter((id) => id > 257)).toEqual([300, 258])
  expect(tokenizer.decode(ids)).toBe(text)
  expect(tokenizer.encode('')).toEqual([])
  expect(tokenizer.decode([])).toBe('')
})

test('nothing is added to the text', async () => {
  const tokenizer = await load()
  expect(tokenizer.encode('a')).toEqual([97])
})

test('a letter split over tokens comes with its last token, and streaming agrees with decoding at once', async () => {
  const tokenizer = await load()
  const ids = tokenizer.encode('🦆ż')
  const decoder = tokenizer.incrementalDecoder()
  expect(ids.map((id) => decoder.push(id))).toEqual(['', '', '', '🦆', '', 'ż'])
  expect(decoder.end()).toBe('')
})

test('a letter that never completes becomes U+FFFD at the end', async () => {
  const tokenizer = await load()
  const ids = tokenizer.encode('🦆').slice(0, 3)
  const decoder = tokenizer.incrementalDecoder()
  expect(ids.map((id) => decoder.push(id)).join('') + decoder.end()).toBe('\uFFFD')
  expect(tokenizer.decode(ids)).toBe('\uFFFD')
  expect(tokenizer.decode([...ids, 97])).toBe('\uFFFDa')
})

test.each([-1, 259, 301, 1.5, Number.NaN])('id %d is not in the vocabulary: an error, not silence', async (id) => {
  const tokenizer = await load()
  expect(tokenizer.vocabSize).toBe(301)
  expect(() => tokenizer.decode([97, id])).toThrow(`expected an id of the vocabulary, below 301, got ${id}`)
})

test('answers end at the tokenizer’s own token and at those of generation_config.json', async () => {
  const extra = { 'generation_config.json': '{"eos_token_id": [300, 258]}' }
  expect((await load({ extra })).eosIds).toEqual([258, 300])
  expect((await load({ config: {} })).eosIds).toEqual([])
})

test('special tokens may be spelt as objects, and must exist', async () => {
  const config = { eos_token: { content: '<|end|>', lstrip: false }, pad_token: '<|end|>' }
  const loaded = await load({ config })
  expect([loaded.eosIds, loaded.padId]).toEqual([[258], 258])
  const missing = load({ config: { eos_token: '<|stop|>' } })
  await expect(missing).rejects.toThrow(/tokenizer_config\.json, eos_token: "<\|stop\|>" is not in tokenizer\.json/)
})

test('saving writes the files back byte for byte, but not the model’s', async () => {
  const extra = { 'chat_template.jinja': 'x', 'generation_config.json': '{}' }
  const from = folderWith({ extra })
  const to = temporaryFolder()
  await (await Tokenizer.load(from)).save(to)
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']) {
    expect(readFileSync(join(to, name), 'utf8')).toBe(readFileSync(join(from, name), 'utf8'))
  }
  expect(() => readFileSync(join(to, 'generation_config.json'))).toThrow(/ENOENT/)
})

test('a tokenizer that cannot be read is an error that names file and place', async () => {
  const broken = folderWith({ extra: { 'tokenizer.json': '{"model":' } })
  await expect(Tokenizer.load(broken)).rejects.toThrow(/tokenizer\.json: not JSON/)
  const untyped = folderWith({ json: { ...byteLevelJson(), model: { vocab: { a: -1 } } } })
  await expect(Tokenizer.load(untyped)).rejects.toThrow(/tokenizer\.json, model\.vocab/)
  const other = folderWith({ json: { ...byteLevelJson(), decoder: { type: 'WordPiece' } } })
  await expect(Tokenizer.load(other)).rejects.toThrow(/expected a decoder of ByteLevel, got WordPiece/)
  await expect(Tokenizer.load(temporaryFolder())).rejects.toThrow(/ENOENT.*tokenizer\.json/)
})

test('a folder without a chat template says where it looked', async () => {
  const tokenizer = await load()
  expect(() => tokenizer.chatTemplate).toThrow(/\[chat template\] none found: .*chat_template\.jinja.*tokenizer_config/)
})

test('chat_template.jinja goes first, and of several templates the default', async () => {
  const config = {
    chat_template: [
      { name: 'tools', template: 't' },
      { name: 'default', template: 'd' },
    ],
  }
  const named = await load({ config })
  expect(named.chatTemplate.source).toBe('d')
  const both = await load({ config, extra: { 'chat_template.jinja': 'j' } })
  expect(both.chatTemplate.source).toBe('j')
})
