// @huggingface/tokenizers behind the little that is used of it: its own types do not resolve in an ES module.
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { FileFormatError, messageOf, TokenizerError } from '../errors.js'
import type { TokenizerConfig } from './tokenizer-files.js'

interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: (number | undefined)[]; tokens: string[] }
  token_to_id(token: string): number | undefined
}

export class Encoder {
  private readonly library: Library

  constructor(
    tokenizerJson: object,
    config: TokenizerConfig,
    private readonly file: string,
  ) {
    try {
      this.library = new HuggingFaceTokenizer(tokenizerJson, config) as Library
    } catch (cause) {
      throw new FileFormatError({ file }, `not a tokenizer this library reads: ${messageOf(cause)}`, { cause })
    }
  }

  encode(text: string): number[] {
    const { ids, tokens } = this.library.encode(text, { add_special_tokens: false })
    const unknown = ids.indexOf(undefined)
    if (unknown === -1) return ids as number[]
    throw new TokenizerError(`[tokenizer] ${JSON.stringify(tokens[unknown])} is not in the vocabulary of ${this.file}`)
  }

  /** By the token's spelling in tokenizer.json. */
  idOf(token: string): number | undefined {
    return this.library.token_to_id(token)
  }
}
