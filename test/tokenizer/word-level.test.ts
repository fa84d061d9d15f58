import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { type WordLevelOptions, writeWordLevelTokenizer } from '../../lib/tokenizer/word-level.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const digits = Array.from({ length: 10 }, (_, digit) => String(digit))
const letters = ['a', 'b', 'c'].map((letter) => ` ${letter}`)
const moves = ['+1', '+5', '-3', '-5']
const marks = ['=', ',', ' wait,', '<think>', '</think>', '\\boxed{', '}', '\n', '<', '=5']
const tokens = [...digits, ...letters, ...moves, ...marks]
const options: WordLevelOptions = {
  tokens,
  eosToken: '<|end|>',
  padToken: '<|pad|>',
  chatTemplate: "{% for m in messages %}{{ m['content'] }}{% endfor %}{% if add_generation_prompt %}<think>{% endif %}",
}

async function load(changes: Partial<WordLevelOptions> = {}): Promise<Tokenizer> {
  const folder = join(temporaryFolder(), 'tokenizer')
  await writeWordLevelTokenizer(folder, { ...options, ...changes })
  return Tokenizer.load(folder)
}

test('every token is one id, its place in the list', async () => {
  const tokenizer = await load()
  expect(tokenizer.vocabSize).toBe(tokens.length + 2)
  tokens.forEach((token, id) => {
    expect(tokenizer.encode(token)).toEqual([id])
  })
  expect(tokenizer.eosIds).toEqual([tokens.length])
  expect(tokenizer.padId).toBe(tokens.length + 1)
  expect(tokenizer.encode('<|end|>')).toEqual([tokens.length])
  expect([tokenizer.isSpecial(tokens.length), tokenizer.isSpecial(0)]).toEqual([true, false])
})

test('one made in memory is the one that a folder holds', async () => {
  const loaded = await load()
  const made = Tokenizer.wordLevel(options)
  const text = '7-3=4</think>\\boxed{42}<|end|>'
  expect(made.encode(text)).toEqual(loaded.encode(text))
  expect([made.vocabSize, made.eosIds, made.padId]).toEqual([loaded.vocabSize, loaded.eosIds, loaded.padId])
  const messages = [{ role: 'user', content: '7-3' }]
  expect(await made.chatTemplate.render(messages, { addGenerationPrompt: true })).toBe('7-3<think>')
  const [first, second] = [temporaryFolder(), temporaryFolder()]
  await loaded.save(first)
  await made.save(second)
  expect(filesOf(second)).toEqual(filesOf(first))
})

const filesOf = (folder: string) => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])

test('text is cut into the longest tokens from left to right', async () => {
  const tokenizer = await load()
  const text = ' a-3=5 wait,7-3=4</think>\\boxed{42}<|end|>'
  const pieces = tokenizer.encode(text).map((id) => tokenizer.decode([id]))
  expect(pieces).toEqual([
    ' a',
    '-3',
    '=5',
    ' wait,',
    '7',
    '-3',
    '=',
    '4',
    '</think>',
    '\\boxed{',
    '4',
    '2',
    '}',
    '<|end|>',
  ])
  expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
})

test('any text made of tokens goes to ids and back unchanged', async () => {
  const tokenizer = await load()
  const anyText = fc.array(fc.constantFrom(...tokens, '<|end|>')).map((pieces) => pieces.join(''))
  fc.assert(fc.property(anyText, (text) => tokenizer.decode(tokenizer.encode(text)) === text))
})

test('text that the tokens do not cover is an error that quotes it', async () => {
  const tokenizer = await load()
  expect(() => tokenizer.encode(' a=x7')).toThrow(/no token of .*tokenizer\.json begins the text "x7"/)
  expect(() => tokenizer.encode(' wait')).toThrow(/begins the text " wait"/)
})

test('a token that is empty, not ASCII or there twice is refused', async () => {
  await expect(load({ tokens: ['a', ''] })).rejects.toThrow(/ASCII letters, got ""/)
  await expect(load({ tokens: ['a', 'é'] })).rejects.toThrow(/ASCII letters, got "é"/)
  await expect(load({ tokens: ['a', 'b', 'a'] })).rejects.toThrow(/got "a" twice/)
  await expect(load({ tokens: ['a', '<|pad|>'] })).rejects.toThrow(/got "<\|pad\|>" twice/)
})

test('end and padding may be one token', async () => {
  const tokenizer = await load({ padToken: '<|end|>' })
  expect([tokenizer.eosIds[0], tokenizer.padId]).toEqual([tokens.length, tokens.length])
})

test('the chat template comes along', async () => {
  const tokenizer = await load()
  const prompt = await tokenizer.chatTemplate.render([{ role: 'user', content: ' a=7' }], { addGenerationPrompt: true })
  expect(prompt).toBe(' a=7<think>')
})
