import { expect, test } from 'vitest'
import { fillTurn, promptTokens } from '../../lib/data/prompt.js'
import { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { writeWordLevelTokenizer } from '../../lib/tokenizer/word-level.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const row = { id: '1', problem: 'What is $1?', level: 3, list: [1] }

test('fields are filled in as they are, other braces stay', () => {
  expect(fillTurn('{problem} ({level}) Answer in \\boxed{}.', row)).toBe('What is $1? (3) Answer in \\boxed{}.')
  expect(fillTurn('{problem}', { id: '1', problem: '{level} $& {problem}' })).toBe('{level} $& {problem}')
})

test('a field that is missing, or is no text, is an error that names it and the row', () => {
  expect(() => fillTurn('{question}', row)).toThrow(/field "question" of row "1", got nothing/)
  expect(() => fillTurn('{list}', row)).toThrow(/field "list" of row "1", got \[1\]/)
  expect(() => fillTurn('{toString}', row)).toThrow(/got nothing/)
})

test('a prompt is the rendered turn in tokens', async () => {
  const folder = temporaryFolder()
  await writeWordLevelTokenizer(folder, {
    tokens: ['1', '2', '+', '=', '<think>'],
    eosToken: '<|end|>',
    padToken: '<|pad|>',
    chatTemplate: '{{ messages[0].content }}{% if add_generation_prompt %}<think>{% endif %}',
  })
  const tokenizer = await Tokenizer.load(folder)
  expect(await promptTokens({ id: '1', problem: '1+2' }, { turn: '{problem}=', tokenizer })).toEqual([0, 2, 1, 3, 4])
})
