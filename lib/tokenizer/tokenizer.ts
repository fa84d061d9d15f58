// A folder's tokenizer: text to ids, ids to text, and the chat template that makes a prompt of messages.
import { join } from 'node:path'
import { requireStrings } from '../arguments.js'
import { ArgumentError, FileFormatError } from '../errors.js'
import { written } from '../io/written.js'
import { ChatTemplate } from './chat-template.js'
import { Encoder } from './encoder.js'
import { IncrementalDecoder } from './incremental-decoder.js'
import { type TokenTable, tokenTable } from './token-bytes.js'
import {
  generationConfigSchema,
  parseTokenizerFile,
  readTokenizerFiles,
  type TokenizerConfig,
  type TokenizerFiles,
  tokenizerConfigSchema,
  tokenizerJsonSchema,
  writeTokenizerFiles,
} from './tokenizer-files.js'
import { type WordLevelOptions, wordLevelFiles } from './word-level.js'

/**
 * A folder's tokenizer: text to ids, ids to text, and the chat template that makes a prompt of messages. Byte-level
 * vocabularies in the Hugging Face format.
 */
export class Tokenizer {
  /** One more than the largest id; a model's vocabulary may be padded beyond it. */
  readonly vocabSize: number
  /** The ids that end an answer: the tokenizer's own first, then those of generation_config.json. */
  readonly eosIds: readonly number[]
  /** Of the token that fills up batches elsewhere; undefined where there is none. Nothing here pads. */
  readonly padId: number | undefined
  private readonly encoder: Encoder
  private readonly table: TokenTable
  private readonly config: TokenizerConfig
  private template: ChatTemplate | undefined

  private constructor(
    private readonly folder: string,
    private readonly files: TokenizerFiles,
  ) {
    const file = join(folder, 'tokenizer.json')
    const json = parseTokenizerFile(files['tokenizer.json'] ?? '', file, tokenizerJsonSchema)
    const configFile = join(folder, 'tokenizer_config.json')
    this.config = parseTokenizerFile(files['tokenizer_config.json'] ?? '', configFile, tokenizerConfigSchema)
    this.table = tokenTable(json, file)
    this.encoder = new Encoder(json, this.config, file)
    this.vocabSize = this.table.bytes.length
    this.padId = this.configuredId('pad_token')
    this.eosIds = this.findEosIds()
  }

  /**
   * The tokenizer of a folder with tokenizer.json and tokenizer_config.json; chat_template.jinja and generation_config.json are
   * read where they are there.
   *
   * @throws {@link FileFormatError} for a file that is missing or damaged
   * @throws {@link UnsupportedError} for a vocabulary that is not byte-level
   *
   * @example
   * ```ts
   * import { Tokenizer } from 'lengthen'
   *
   * const tokenizer = await Tokenizer.load('models/qwen2.5-0.5b')
   * const messages = [{ role: 'user', content: 'What is 2 + 3?' }]
   * const prompt = await tokenizer.chatTemplate.render(messages, { addGenerationPrompt: true })
   * const ids = tokenizer.encode(prompt)
   * ```
   */
  static async load(folder: string): Promise<Tokenizer> {
    requireStrings('tokenizer', { folder })
    return new Tokenizer(folder, await readTokenizerFiles(folder))
  }

  /**
   * A tokenizer of a closed list of tokens, as writeWordLevelTokenizer() would write it, without a folder.
   *
   * @throws {@link ArgumentError} for a token that is no ASCII text, or is there twice
   */
  static wordLevel(options: WordLevelOptions): Tokenizer {
    return new Tokenizer('word-level tokenizer', wordLevelFiles(options))
  }

  /**
   * Writes the tokenizer's files as they were read; generation_config.json is left to the model's writer.
   *
   * @throws {@link LengthenError} where the folder cannot be written: its `cause` is what the system said
   */
  async save(folder: string): Promise<void> {
    requireStrings('tokenizer', { folder })
    await written(folder, () => writeTokenizerFiles(folder, this.files))
  }

  /**
   * Ids of the text as it is: nothing is added, a rendered template already holds what it needs. Special tokens spelt out in
   * the text become their ids.
   *
   * @throws {@link TokenizerError} for text that the vocabulary has no token for
   * @throws {@link FileFormatError} where a pattern of tokenizer.json does not end in time
   */
  encode(text: string): number[] {
    requireStrings('encode', { text })
    return this.encoder.encode(text)
  }

  /**
   * The text of all ids, special tokens included; bytes that are no UTF-8 become U+FFFD.
   *
   * @throws {@link ArgumentError} for an id outside the vocabulary
   */
  decode(ids: Iterable<number>): string {
    const decoder = this.incrementalDecoder()
    let text = ''
    for (const id of ids) text += decoder.push(id)
    return text + decoder.end()
  }

  /** A decoder of its own for one stream of tokens. */
  incrementalDecoder(): IncrementalDecoder {
    return new IncrementalDecoder((id) => this.tokenBytes(id))
  }

  /** Whether the id is that of a special token, one that stands for no text of its own. */
  isSpecial(id: number): boolean {
    return this.table.specialIds.has(id)
  }

  /**
   * Of this folder, made on the first call.
   *
   * @throws {@link TokenizerError} where the folder has none
   */
  get chatTemplate(): ChatTemplate {
    this.template ??= ChatTemplate.from(this.folder, this.files['chat_template.jinja'], this.config)
    return this.template
  }

  private tokenBytes(id: number): Uint8Array {
    const bytes = this.table.bytes[id]
    if (bytes !== undefined) return bytes
    throw new ArgumentError(`[tokenizer] expected an id of the vocabulary, below ${this.vocabSize}, got ${id}`)
  }

  private configuredId(key: 'eos_token' | 'pad_token'): number | undefined {
    const token = this.config[key]
    if (token === undefined || token === null) return undefined
    const id = this.encoder.idOf(token)
    if (id !== undefined) return id
    const at = { file: join(this.folder, 'tokenizer_config.json'), place: key }
    throw new FileFormatError(at, `${JSON.stringify(token.slice(0, 100))} is not in tokenizer.json`)
  }

  private findEosIds(): number[] {
    const own = this.configuredId('eos_token')
    const text = this.files['generation_config.json'] ?? '{}'
    const generation = parseTokenizerFile(text, join(this.folder, 'generation_config.json'), generationConfigSchema)
    return [...new Set([own ?? [], generation.eos_token_id ?? []].flat())]
  }
}
