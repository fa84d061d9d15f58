// Makes a tokenizer of a closed list of tokens, in the Hugging Face format: text is cut into the longest tokens from left to
// right, and there is no "unknown".
//
// It is written as Qwen2's kind of tokenizer, byte pairs, with no pairs and every token an added one. A WordLevel model would
// be plainer, but for a Qwen2 model `AutoTokenizer` rebuilds the tokenizer as byte pairs whatever the file says; added tokens
// are cut out before the model and survive that.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOptions, type OptionKeys, requireArrays, requireStrings } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { writeFileAtomically } from '../io/write-file.js'
import { written } from '../io/written.js'

/** A closed list of tokens; text is cut into the longest of them from left to right, and there is no "unknown". */
export interface WordLevelOptions {
  /** In order of their ids, from 0; ASCII, each once. */
  tokens: readonly string[]
  /** Ends an answer. */
  eosToken: string
  /** Never stands for text. */
  padToken: string
  /** Other tokens that never stand for text. Special tokens follow `tokens` in the order eos, pad, others. */
  otherSpecialTokens?: readonly string[]
  /** Jinja, as `transformers` renders it. */
  chatTemplate: string
}

/**
 * Writes tokenizer.json and tokenizer_config.json in the Hugging Face format; the folder is made where it is not there.
 *
 * @throws {@link ArgumentError} for an option that is unknown or missing, a token that is no ASCII text, or is there twice
 * @throws {@link LengthenError} where the folder cannot be written: its `cause` is what the system said
 */
export async function writeWordLevelTokenizer(folder: string, options: WordLevelOptions): Promise<void> {
  requireStrings('tokenizer', { folder })
  const files = wordLevelFiles(options)
  await written(folder, async () => {
    await mkdir(folder, { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFileAtomically(join(folder, name), text)
  })
}

/** Their names and contents. */
export function wordLevelFiles(options: WordLevelOptions) {
  checkOptions('tokenizer', options, optionKeys)
  const { tokens, eosToken, padToken, chatTemplate } = options
  requireArrays('tokenizer', { tokens })
  requireStrings('tokenizer', { eosToken, padToken, chatTemplate })
  return {
    'tokenizer.json': toText(tokenizerJson(options)),
    'tokenizer_config.json': toText(tokenizerConfig(options)),
  }
}

const optionKeys: OptionKeys<WordLevelOptions> = {
  tokens: true,
  eosToken: true,
  padToken: true,
  otherSpecialTokens: true,
  chatTemplate: true,
}

function tokenizerJson(options: WordLevelOptions): object {
  const special = specialTokens(options)
  const all = [...options.tokens, ...special]
  checkTokens(all)
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: all.map((token, id) => addedToken(token, id, { special: id >= options.tokens.length })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      unk_token: '', // Left out, unknown text would vanish; an unknown that does not exist makes it an error.
      vocab: Object.fromEntries(all.map((token, id) => [token, id])),
      merges: [],
    },
  }
}

function tokenizerConfig(options: WordLevelOptions): object {
  return {
    tokenizer_class: 'Qwen2Tokenizer',
    eos_token: options.eosToken,
    pad_token: options.padToken,
    unk_token: options.padToken, // Never made; left out, Qwen2Tokenizer would add one of its own.
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
  // The byte-level decoder of `transformers` would take some other letters for bytes.
  const bad = tokens.find((token) => !/^[\t\n\r -~]+$/.test(token))
  if (bad !== undefined) {
    throw new ArgumentError(`[word-level tokenizer] expected tokens of ASCII letters, got ${JSON.stringify(bad)}`)
  }
  const twice = tokens.find((token, i) => tokens.indexOf(token) !== i)
  if (twice === undefined) return
  throw new ArgumentError(`[word-level tokenizer] expected every token once, got ${JSON.stringify(twice)} twice`)
}

function addedToken(content: string, id: number, { special }: { special: boolean }): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }
}

function toText(json: object): string {
  return `${JSON.stringify(json, null, 2)}\n`
}
