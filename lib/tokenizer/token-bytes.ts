// The bytes that each token stands for. Text is the bytes of its tokens, decoded as UTF-8 once they are complete, so that
// decoding at once and decoding token by token agree.
import { UnsupportedError } from '../errors.js'

/** What this file reads of a tokenizer.json. */
export interface TokenizerJson {
  decoder: { type: string } | null
  model: { vocab: Record<string, number> | [string, number][] }
  added_tokens: { id: number; content: string; special: boolean }[]
}

export interface TokenTable {
  /** By id; a hole is undefined. */
  bytes: (Uint8Array | undefined)[]
  specialIds: ReadonlySet<number>
}

/** How a vocabulary's strings stand for bytes, by the type of the decoder that undoes it. */
const bytesOfToken: Record<string, (token: string) => Uint8Array> = { ByteLevel: byteLevelBytes }

export function tokenTable(json: TokenizerJson, file: string): TokenTable {
  const type = json.decoder?.type ?? 'none'
  const bytesOf = bytesOfToken[type]
  if (bytesOf === undefined) {
    throw new UnsupportedError(`${file}: expected a decoder of ${Object.keys(bytesOfToken).join(', ')}, got ${type}`)
  }
  if (Array.isArray(json.model.vocab)) {
    throw new UnsupportedError(`${file}: expected a vocabulary of tokens to ids, got a list with scores (Unigram)`)
  }
  const bytes: (Uint8Array | undefined)[] = []
  for (const [token, id] of Object.entries(json.model.vocab)) bytes[id] = bytesOf(token)
  for (const { id, content } of json.added_tokens) bytes[id] = utf8(content)
  return { bytes, specialIds: new Set(json.added_tokens.filter(({ special }) => special).map(({ id }) => id)) }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function byteLevelBytes(token: string): Uint8Array {
  return Uint8Array.from(Array.from(token, (letter) => byteOfLetter.get(letter) ?? Number.NaN))
}

// GPT-2's alphabet: bytes that print stand for themselves, the others for the letters from U+0100 on, in order.
const byteOfLetter = new Map<string, number>()
let numOthers = 0
for (let byte = 0; byte < 256; byte++) {
  const isPrinting = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  byteOfLetter.set(String.fromCodePoint(isPrinting ? byte : 0x100 + numOthers++), byte)
}
