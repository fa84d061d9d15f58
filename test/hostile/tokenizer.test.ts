import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ChatTemplate } from '../../lib/tokenizer/chat-template.js'
import { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fuzz, loadedOrRefused } from './harness.js'
import { byteChanges, mutatedBytes, mutatedJson, mutations } from './mutate.js'

const added = { single_word: false, lstrip: false, rstrip: false, normalized: false }
const tokenizerJson = {
  added_tokens: [
    { id: 95, content: '<|end|>', special: true, ...added },
    { id: 96, content: '<think>', special: false, ...added },
  ],
  normalizer: { type: 'NFC' },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: '\\p{N}| ?\\p{L}+|\\s+' }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    ],
  },
  post_processor: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
  decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
  model: {
    type: 'BPE',
    merges: ['t h', 'Ġ a'],
    vocab: Object.fromEntries(
      [...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)), 'Ġ', 'th', 'Ġa'].map((t, i) => [
        t,
        i < 95 ? i : i + 2,
      ]),
    ),
  },
}
const others = {
  'tokenizer_config.json': {
    eos_token: '<|end|>',
    pad_token: { content: '<|end|>' },
    chat_template: '{{ bos_token }}',
  },
  'generation_config.json': { eos_token_id: [95, 3] },
}
const source =
  "{% for m in messages %}<|{{ m['role'] }}|>{{ m.content | trim }}{% if loop.last %}!{% endif %}{% endfor %}"

async function use(folder: string): Promise<void> {
  const tokenizer = await Tokenizer.load(folder)
  const ids = await loadedOrRefused(() => tokenizer.encode(`the a <think> 12!${'a'.repeat(40)}!<|end|>`))
  if (ids) await loadedOrRefused(() => tokenizer.decode(ids))
}

test.each(['tokenizer.json', ...Object.keys(others)])('%s', async (name) => {
  const folder = temporaryFolder()
  const files: Record<string, unknown> = { 'tokenizer.json': tokenizerJson, ...others }
  for (const [key, value] of Object.entries(files)) writeFileSync(join(folder, key), JSON.stringify(value))
  await use(folder)
  await fuzz(mutations, 120, async (changes) => {
    writeFileSync(join(folder, name), mutatedJson(files[name], changes))
    await loadedOrRefused(() => use(folder))
  })
})

const render = (template: string, deadlineMs = 600) =>
  new ChatTemplate(template, { bos_token: '<s>' }, { deadlineMs }).render([{ role: 'user', content: '1+1?' }], {
    addGenerationPrompt: true,
  })

test('a chat template with broken bytes', async () => {
  await fuzz(byteChanges, 6, async (changes) => {
    await loadedOrRefused(() => render(mutatedBytes(Buffer.from(source), changes).toString()))
  })
})

const doubling =
  '{% set n = namespace(s="x") %}{% for i in range(LOOPS) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}'

test.each([
  ['an endless macro', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
  ['loops in loops', '{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}'],
  ['a range that fills the memory', '{{ range(9999999999) }}'],
  ['text doubled 27 times', doubling.replace('LOOPS', '27')],
  ['text doubled 60 times', doubling.replace('LOOPS', '60')],
  ['deep brackets', `{{ ${'('.repeat(50_000)}1${')'.repeat(50_000)} }}`],
  ['deep blocks', `${'{% if true %}'.repeat(20_000)}${'{% endif %}'.repeat(20_000)}`],
  ['a member of every object', "{{ messages.constructor.constructor('return process')().exit(1) }}"],
  ['a member of every function', "{{ raise_exception.constructor('return process')().exit(1) }}"],
  ['an include of a file', "{% include '/etc/passwd' %}"],
])('a chat template with %s is refused, and the process goes on', async (_, template) => {
  expect(await loadedOrRefused(() => render(template))).toBe(undefined)
  expect(await render('{{ bos_token }}')).toBe('<s>')
})

test('a chat template writes no file', async () => {
  const folder = temporaryFolder()
  const write = `require('fs').writeFileSync('${folder}/x', '')`
  const outer = ['messages', '""', '[]', 'range', '({})', 'messages[0].content.trim']
  for (const start of outer)
    await loadedOrRefused(() => render(`{{ ${start}.constructor.constructor(${JSON.stringify(write)})() }}`))
  expect(readdirSync(folder)).toEqual([])
})
