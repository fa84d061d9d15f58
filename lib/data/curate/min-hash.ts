// MinHash (Broder, "On the resemblance and containment of documents", 1997): the least value of a set under each of 128
// random orders. Two sets agree in a place with a chance that is their Jaccard similarity.
import { RandomStream } from '../../random.js'

export const numPermutations = 128

// x → a·x + b modulo 2³², a odd, one to one. Shingles are mixed already, so that these orders are random enough.
const random = new RandomStream(0, 'orders of MinHash')
const factors = Int32Array.from({ length: numPermutations }, () => random.word() | 1)
const offsets = Int32Array.from({ length: numPermutations }, () => random.word())

/** [128]; of an empty set all ones. */
export function minHash(shingles: Uint32Array): Uint32Array {
  const signature = new Uint32Array(numPermutations).fill(0xffffffff)
  for (let i = 0; i < numPermutations; i++) {
    const [factor, offset] = [factors[i] as number, offsets[i] as number]
    let least = 0xffffffff
    for (let j = 0; j < shingles.length; j++) {
      const value = (Math.imul(shingles[j] as number, factor) + offset) >>> 0
      if (value < least) least = value
    }
    signature[i] = least
  }
  return signature
}

/** The share of places in which two signatures agree: an estimate of the sets' Jaccard similarity. */
export function agreement(a: Uint32Array, b: Uint32Array): number {
  let same = 0
  for (let i = 0; i < numPermutations; i++) if (a[i] === b[i]) same++
  return same / numPermutations
}
