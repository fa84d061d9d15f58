// @huggingface/tokenizers behind the little that is used of it: its own types do not resolve in an ES module.
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { FileFormatError, messageOf, TokenizerError } from '../errors.js'
import { withDeadline } from './deadline.js'
import { doubtfulPatterns } from './patterns.js'
import type { TokenizerConfig } from './tokenizer-files.js'

interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: (number | undefined)[]; tokens: string[] }
  token_to_id(token: string): number | undefined
}

/** A vocabulary of 150,000 takes a second to read, a million letters a second to encode, where processors are slow. */
const defaultDeadlines = { loadMs: 30_000, encodeMs: 2000, encodeMsPerLetter: 0.01 }

/** From here on any text is encoded with a deadline, which is a small part of the time that it takes anyway. */
const longText = 10_000

export class Encoder {
  private readonly library: Library
  private readonly doubtfulPatterns: readonly string[]

  constructor(
    tokenizerJson: object,
    config: TokenizerConfig,
    private readonly file: string,
    private readonly deadlines = defaultDeadlines,
  ) {
    this.doubtfulPatterns = doubtfulPatterns(tokenizerJson)
    try {
      const load = () => new HuggingFaceTokenizer(tokenizerJson, config) as Library
      this.library = withDeadline(load, deadlines.loadMs, () => this.late('reading it', deadlines.loadMs))
    } catch (cause) {
      if (cause instanceof FileFormatError) throw cause
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
    const encode = () => this.library.encode(text, { add_special_tokens: false })
    try {
      if (this.doubtfulPatterns.length === 0 && text.length < longText) return encode()
      const deadlineMs = Math.round(this.deadlines.encodeMs + text.length * this.deadlines.encodeMsPerLetter)
      return withDeadline(encode, deadlineMs, () => this.late(`encoding ${text.length} letters`, deadlineMs))
    } catch (cause) {
      if (cause instanceof FileFormatError) throw cause
      throw new FileFormatError({ file: this.file }, `cannot be used to encode: ${messageOf(cause)}`, { cause })
    }
  }

  private late(work: string, deadlineMs: number): FileFormatError {
    const patterns = this.doubtfulPatterns.map((pattern) => JSON.stringify(pattern.slice(0, 200)))
    const place =
      patterns.length === 0 ? undefined : `${patterns.length > 1 ? 'one of ' : ''}Regex ${patterns.join(', ')}`
    return new FileFormatError({ file: this.file, place }, `${work} was not done within ${deadlineMs} ms`)
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
