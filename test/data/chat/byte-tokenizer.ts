// A tokenizer whose tokens are bytes and a few special ones, with a chat template: what is learned can be read letter by letter.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChatExample } from '../../../lib/data/chat/example.js'
import { Tokenizer } from '../../../lib/tokenizer/tokenizer.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

export interface ByteTokenizerOptions {
  template: string
  /** The first ends an answer. */
  special: readonly string[]
  /** Pairs of letters that become one token. */
  merges?: readonly string[]
}

const loaded = new Map<string, Promise<Tokenizer>>()

/** One for equal options, so that tests share the process that its template is rendered in. */
export function byteTokenizer({ template, special, merges = [] }: ByteTokenizerOptions): Promise<Tokenizer> {
  const key = JSON.stringify([template, special, merges])
  const known = loaded.get(key) ?? Tokenizer.load(byteTokenizerFolder({ template, special, merges }))
  loaded.set(key, known)
  return known
}

export function byteTokenizerFolder({ template, special, merges = [] }: ByteTokenizerOptions): string {
  const folder = temporaryFolder()
  const letters = byteLetters()
  const tokens = [...letters, ...merges.map((pair) => pair.replace(' ', ''))]
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const json = {
    version: '1.0',
    ...{ truncation: null, padding: null, normalizer: null, post_processor: null },
    added_tokens: special.map((content, i) => ({ id: tokens.length + i, content, ...plain })),
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  }
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json))
  const config = { tokenizer_class: 'Qwen2Tokenizer', eos_token: special[0], chat_template: template }
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config))
  return folder
}

/** The example's text, what is learned of it between ⟦ and ⟧. */
export function marked(example: ChatExample, tokenizer: Pick<Tokenizer, 'decode'>): string {
  let text = ''
  let end = 0
  for (const span of example.answers) {
    text += tokenizer.decode(example.tokens.slice(end, span.begin))
    text += `⟦${tokenizer.decode(example.tokens.slice(span.begin, span.end))}⟧`
    end = span.end
  }
  return text + tokenizer.decode(example.tokens.slice(end))
}

/** As byte-level tokenizers spell the 256 bytes. */
function byteLetters(): string[] {
  let numOthers = 0
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrinting = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
    return String.fromCodePoint(isPrinting ? byte : 0x100 + numOthers++)
  })
}
