// Makes a tokenizer of a closed list of tokens, in the Hugging Face format: text is cut into the longest tokens from left to
// right, and text that the tokens do not cover is an error, never an "unknown".
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentError } from '../errors.js'
import { writeFileAtomically } from '../io/write-file.js'

export interface WordLevelOptions {
  /** In order of their ids, from 0. */
  tokens: readonly string[]
  /** Ends an answer. */
  eosToken: string
  padToken: string
  /** Other tokens that never stand for text. Special tokens follow `tokens` in the order eos, pad, others. */
  otherSpecialTokens?: readonly string[]
  /** Jinja, as `transformers` renders it. */
  chatTemplate: string
}

export async function writeWordLevelTokenizer(folder: string, options: WordLevelOptions): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFileAtomically(join(folder, 'tokenizer.json'), toText(tokenizerJson(options)))
  await writeFileAtomically(join(folder, 'tokenizer_config.json'), toText(tokenizerConfig(options)))
}

function tokenizerJson(options: WordLevelOptions): object {
  const special = specialTokens(options)
  const all = [...options.tokens, ...special]
  checkTokens(all)
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, i) => addedToken(content, options.tokens.length + i)),
    normalizer: null,
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: longestFirst(options.tokens) },
      behavior: 'Isolated',
      invert: false,
    },
    post_processor: null,
    decoder: { type: 'Fuse' }, // Joins tokens with nothing between them.
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(all.map((token, id) => [token, id])),
      unk_token: '', // The format wants one; as no token is empty, unknown text fails in `transformers` too.
    },
  }
}

function tokenizerConfig(options: WordLevelOptions): object {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: options.eosToken,
    pad_token: options.padToken,
    additional_special_tokens: options.otherSpecialTokens ?? [],
    clean_up_tokenization_spaces: false,
    model_max_length: 1_000_000,
    chat_template: options.chatTemplate,
  }
}

function specialTokens({ eosToken, padToken, otherSpecialTokens }: WordLevelOptions): string[] {
  return [...new Set([eosToken, padToken, ...(otherSpecialTokens ?? [])])]
}

function checkTokens(tokens: readonly string[]): void {
  if (tokens.includes('')) throw new ArgumentError('[word-level tokenizer] expected tokens of at least one letter')
  const twice = tokens.find((token, i) => tokens.indexOf(token) !== i)
  if (twice === undefined) return
  throw new ArgumentError(`[word-level tokenizer] expected every token once, got ${JSON.stringify(twice)} twice`)
}

function addedToken(content: string, id: number): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
}

// An alternation takes its first match: longer tokens must come before their own beginnings.
function longestFirst(tokens: readonly string[]): string {
  const byLength = [...tokens].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  return byLength.map((token) => token.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')).join('|')
}

function toText(json: object): string {
  return `${JSON.stringify(json, null, 2)}\n`
}
