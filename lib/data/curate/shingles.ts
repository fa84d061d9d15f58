// A text as the set of its runs of three words, each hashed to 32 bits: what near-duplicates are measured by.

/** Words in a run. */
const runLength = 3

/** Sorted, without repeats; empty for no words. A text shorter than a run is one run. */
export function shinglesOf(words: readonly string[]): Uint32Array {
  if (words.length === 0) return new Uint32Array()
  const hashes = words.map(hashWord)
  const numRuns = Math.max(1, hashes.length - runLength + 1)
  const runs = new Uint32Array(numRuns)
  for (let i = 0; i < numRuns; i++) {
    let hash = 0
    for (let j = i; j < Math.min(i + runLength, hashes.length); j++)
      hash = mixed(Math.imul(hash, 31) + (hashes[j] ?? 0))
    runs[i] = hash
  }
  runs.sort()
  return runs.filter((run, i) => i === 0 || run !== runs[i - 1])
}

/** |A ∩ B| / |A ∪ B| of two sorted sets; two empty ones are the same. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  const shared = numShared(a, b)
  const all = a.length + b.length - shared
  return all === 0 ? 1 : shared / all
}

function numShared(a: Uint32Array, b: Uint32Array): number {
  let shared = 0
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i] as number, b[j] as number]
    if (x === y) shared++
    if (x <= y) i++
    if (y <= x) j++
  }
  return shared
}

/** FNV-1a over UTF-16 units, mixed. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  return mixed(hash)
}

/** Every bit of the input changes half of the output's: the last step of MurmurHash3. */
function mixed(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
