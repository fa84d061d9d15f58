import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agreement, minHash, numPermutations } from '../../../lib/data/curate/min-hash.js'
import { bandsFor, NearIndex } from '../../../lib/data/curate/near-index.js'
import { jaccard, shinglesOf } from '../../../lib/data/curate/shingles.js'
import { textKey, wordsOf } from '../../../lib/data/curate/words.js'
import { RandomStream } from '../../../lib/random.js'

const random = new RandomStream(1, 'texts')
const words = (count: number) => Array.from({ length: count }, () => `word${random.below(500)}`)

/** A copy with each word replaced with this chance. */
const changed = (text: string[], chance: number) =>
  text.map((word) => (random.uniform() < chance ? `other${random.below(500)}` : word))

const key = (text: string) => textKey(wordsOf(text))

test.each([
  ['Find $x$ if \\left(x+1\\right)=2.', 'find x  if (x + 1) = 2'],
  ['\\(\\dfrac{1}{2}\\) of 1,000 people', '$\\frac{1}{2}$ of 1000 people'],
  ['What is\n \\text{the area}?', 'What is the area'],
  ['x^{2}\\,+\\! y', 'x^2 + y'],
  ['ｆｕｌｌ width １２', 'full width 12'],
])('%s and %s are the same text', (a, b) => expect(key(a)).toBe(key(b)))

test.each([
  ['Find 3!', 'Find 3'],
  ['1,2 and 3', '12 and 3'],
  ['0.5', '5'],
  ['x - 1', 'x + 1'],
  ["f'(x)", 'f(x)'],
  ['\\le', '\\ge'],
])('%s and %s are different texts', (a, b) => expect(key(a)).not.toBe(key(b)))

test.each([
  ['3² + 1', '32 + 1'],
  ['x₁2', 'x12'],
  ['3½', '31⁄2'],
  ['Find A.', 'Find a.'],
  ['\\Delta x', '\\delta x'],
  ['f(1,234)', 'f(1234)'],
  ['the set {5, 1,234}', 'the set {5, 1234}'],
  ['x:2=4', 'x2=4'],
  ['3 : 4', '3 4'],
  ['2^{x+1}', '2^{x}+1'],
])('%s and %s are different problems', (a, b) => expect(key(a)).not.toBe(key(b)))

test.each([
  ['3² + 1', '3^2 + 1'],
  ['x₁₂', 'x_{12}'],
  ['costs 1,234 dollars', 'costs 1234 dollars'],
  ['Find the value: 3', 'find the value 3'],
  ['5 \\text{ red apples}', '5 red apples'],
  ['10{,}000', '10,000'],
])('%s and %s are one text', (a, b) => expect(key(a)).toBe(key(b)))

test('the similarity of two texts is the share of runs of three words that they have in common', () => {
  // a b c, b c d, c d e against a b c, b c d, c d f: 2 of 4.
  expect(jaccard(shinglesOf(['a', 'b', 'c', 'd', 'e']), shinglesOf(['a', 'b', 'c', 'd', 'f']))).toBe(0.5)
  expect(jaccard(shinglesOf(['a']), shinglesOf(['a']))).toBe(1)
  expect(jaccard(shinglesOf(['a']), shinglesOf(['a', 'b']))).toBe(0)
  expect(shinglesOf([])).toHaveLength(0)
  expect(shinglesOf(['a', 'a', 'a', 'a'])).toHaveLength(1)
})

test('Jaccard of sorted sets is that of a definition by sets, either way round', () => {
  const set = fc.uniqueArray(fc.nat(30), { maxLength: 20 }).map((list) => Uint32Array.from(list).sort())
  fc.assert(
    fc.property(set, set, (a, b) => {
      const union = new Set([...a, ...b]).size
      const shared = [...a].filter((value) => b.includes(value)).length
      expect(jaccard(a, b)).toBe(union === 0 ? 1 : shared / union)
      expect(jaccard(b, a)).toBe(jaccard(a, b))
    }),
  )
})

test('MinHash estimates Jaccard similarity without bias, with the error that 128 draws have', () => {
  for (const chance of [0.02, 0.1, 0.3]) {
    const errors: number[] = []
    let variance = 0
    for (let i = 0; i < 200; i++) {
      const text = words(60)
      const [a, b] = [shinglesOf(text), shinglesOf(changed(text, chance))]
      const exact = jaccard(a, b)
      errors.push(agreement(minHash(a), minHash(b)) - exact)
      variance += (exact * (1 - exact)) / numPermutations / 200
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)
    // Four standard errors of the mean; all 200 share the same 128 orders, so their errors are not independent.
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(variance / 20))
    expect(spread / Math.sqrt(variance)).toBeGreaterThan(0.7)
    expect(spread / Math.sqrt(variance)).toBeLessThan(1.4)
  }
})

test('the index finds what a search of all pairs finds', () => {
  const texts: string[][] = []
  for (let i = 0; i < 150; i++) {
    const text = words(20 + random.below(60))
    texts.push(text, changed(text, 0.02), changed(text, 0.1))
  }
  const sets = random.shuffle(texts).map(shinglesOf)
  const index = new NearIndex(0.8)
  const kept: Uint32Array[] = []
  let numNear = 0
  for (const set of sets) {
    const similarities = kept.map((other) => jaccard(set, other))
    const most = Math.max(0, ...similarities)
    const expected = most < 0.8 ? undefined : { index: similarities.indexOf(most), similarity: most }
    expect(index.findOrAdd(set)).toEqual(expected)
    if (expected) numNear++
    else kept.push(set)
  }
  expect(numNear).toBeGreaterThan(20)
})

test.each([0.5, 0.7, 0.8, 0.9, 1])(
  'at a threshold of %f a pair there is missed less than once in a thousand',
  (threshold) => {
    const { numBands, rowsOfBand } = bandsFor(threshold)
    expect(numBands * rowsOfBand).toBeLessThanOrEqual(numPermutations)
    expect((1 - threshold ** rowsOfBand) ** numBands).toBeLessThan(1e-3)
  },
)

test('of equals the first added is found, and empty texts are like each other alone', () => {
  const index = new NearIndex(0.5)
  const [a, empty] = [shinglesOf(['a', 'b', 'c', 'd']), shinglesOf([])]
  expect(index.findOrAdd(a)).toBeUndefined()
  expect(index.findOrAdd(empty)).toBeUndefined()
  expect(index.findOrAdd(a)).toEqual({ index: 0, similarity: 1 })
  expect(index.findOrAdd(empty)).toEqual({ index: 1, similarity: 1 })
})

test('in a crowd made from one template, near-duplicates are found and the rest is kept', () => {
  const template = words(24)
  const index = new NearIndex(0.8)
  let numFound = 0
  for (let i = 0; i < 3000; i++) {
    const own = words(12)
    expect(index.findOrAdd(shinglesOf([...template, ...own]))).toBeUndefined()
    if (i % 10 !== 0) continue
    const near = index.findOrAdd(shinglesOf([...template, ...own.slice(0, 11), 'other']))
    if (near?.similarity !== undefined && near.similarity > 0.9) numFound++
  }
  // 33 of 35 runs in common: 1 in 10,000 is missed by chance.
  expect(numFound).toBeGreaterThanOrEqual(299)
})
