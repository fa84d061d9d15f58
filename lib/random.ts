// Random numbers from a counter: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// A stream is a seed and a name; draw i of it is a function of the three, so that a position is all a resume needs.
import { requireEach, requireStrings } from './arguments.js'
import { ArgumentError } from './errors.js'

/** Four 32-bit words. */
export type PhiloxWords = [number, number, number, number]

/** The same bits as cpp/core/philox.h. */
export function philox4x32(counter: Readonly<PhiloxWords>, key: readonly [number, number]): PhiloxWords {
  const words = Uint32Array.from(counter)
  encipher(words, key)
  return [...words] as PhiloxWords
}

// The counter in place: a stream draws millions, and an array for each is half of their time.
function encipher(words: Uint32Array, key: readonly [number, number]): void {
  let c0 = words[0] as number
  let c1 = words[1] as number
  let c2 = words[2] as number
  let c3 = words[3] as number
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0)
    const high1 = multiplyHigh(0xcd9e8d57, c2)
    const low0 = Math.imul(0xd2511f53, c0)
    const low1 = Math.imul(0xcd9e8d57, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + 0x9e3779b9) | 0
    k1 = (k1 + 0xbb67ae85) | 0
  }
  words[0] = c0
  words[1] = c1
  words[2] = c2
  words[3] = c3
}

/**
 * A sequence of random numbers from a counter: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
 * 2011). Draw i is a function of seed, name and i, the same on every machine, so that `position` is all that a resume needs.
 * Not for secrets.
 */
export class RandomStream {
  private readonly key: [number, number]
  private readonly nameWords: [number, number]
  private readonly block = new Uint32Array(4)
  private blockIndex = -1

  /**
   * A seed is a whole number from 0 to 2⁵³ − 1; a name tells streams of one seed apart.
   *
   * @throws {@link ArgumentError} for another seed, or a name that is no text
   */
  constructor(
    seed: number,
    name: string,
    /** Words used so far; may be set to go there. */
    public position = 0,
  ) {
    requireEach('random', 'a whole number from 0 to 2^53 - 1', { seed }, isWhole)
    requireStrings('random', { name })
    this.key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]
    this.nameWords = hashName(name)
  }

  /** A whole number in [0, 2³²); uses one word. */
  word(): number {
    const index = Math.floor(this.position / 4)
    if (index !== this.blockIndex) {
      this.block[0] = index
      this.block[1] = index / 2 ** 32
      this.block[2] = this.nameWords[0]
      this.block[3] = this.nameWords[1]
      encipher(this.block, this.key)
      this.blockIndex = index
    }
    return this.block[this.position++ % 4] as number
  }

  /** In [0, 1), with the 53 bits a double holds; uses two words. */
  uniform(): number {
    const high = this.word() >>> 5
    return (high * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53
  }

  /**
   * A whole number in [0, bound), every one equally likely: words that would favour the small ones are drawn again.
   *
   * @throws {@link ArgumentError} unless bound is a whole number from 1 to 2³²
   */
  below(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32)) {
      throw new ArgumentError(`[random] expected a bound from 1 to 2^32, got ${bound}`)
    }
    const limit = 2 ** 32 - (2 ** 32 % bound)
    let word = this.word()
    while (word >= limit) word = this.word()
    return word % bound
  }

  /** Normal, of mean 0 and deviation 1 (Box & Muller, 1958); uses four words. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform())) // 1 − u is never 0.
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** A shuffled copy, every order equally likely (Fisher & Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const item = result[i] as T
      result[i] = result[j] as T
      result[j] = item
    }
    return result
  }
}

// The upper half of a 32 × 32 product, from 16-bit halves: a double cannot hold all 64 bits.
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle1 = Math.imul(aHigh, bLow)
  const middle2 = Math.imul(aLow, bHigh)
  const carry = (middle1 & 0xffff) + (middle2 & 0xffff) + (Math.imul(aLow, bLow) >>> 16)
  return (Math.imul(aHigh, bHigh) + (middle1 >>> 16) + (middle2 >>> 16) + (carry >>> 16)) | 0
}

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** Two words from a name, by FNV-1a over its UTF-8 bytes from two starting points, mixed by one Philox block. */
function hashName(name: string): [number, number] {
  const bytes = new TextEncoder().encode(name)
  const words: PhiloxWords = [fnv1a(bytes, 0x811c9dc5), fnv1a(bytes, 0x050c5d1f), bytes.length, 0]
  const [first, second] = philox4x32(words, [0, 0])
  return [first, second]
}

function fnv1a(bytes: Uint8Array, start: number): number {
  let hash = start
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
