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
    const { ids, tokens } = this.encodeByLibrary(text)
    const unknown = ids.indexOf(undefined)
    if (unknown === -1) return ids as number[]
    const rest = JSON.stringify(textAfter(tokens.slice(0, unknown), text).slice(0, 20))
    throw new TokenizerError(`[tokenizer] no token of ${this.file} begins the text ${rest}`)
  }

  // The library trusts its file: what it did not foresee surfaces in the middle of its code.
  private encodeByLibrary(text: string): ReturnType<Library['encode']> {
    try {
      return this.library.encode(text, { add_special_tokens: false })
    } catch (cause) {
      throw new FileFormatError({ file: this.file }, `cannot be used to encode: ${messageOf(cause)}`, { cause })
    }
  }

  /** By the token's spelling in tokenizer.json. */
  idOf(token: string): number | undefined {
    return this.library.token_to_id(token)
  }
}

// A vocabulary that does not cover every byte spells its tokens as they are in the text.
function textAfter(tokens: string[], text: string): string {
  return text.slice(tokens.reduce((length, token) => length + token.length, 0))
}
