import { expect, test } from 'vitest'
import { FileFormatError } from '../../lib/errors.js'
import { Encoder } from '../../lib/tokenizer/encoder.js'
import { wellBehavedPatterns } from '../../lib/tokenizer/patterns.js'
import { thrownBy } from '../helpers/thrown.js'

const deadlines = { loadMs: 100, encodeMs: 100, encodeMsPerLetter: 0 }
const spelling = { single_word: false, lstrip: false, rstrip: false }
const split = (pattern: string) => ({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false })

interface Parts {
  normalizer?: object
  pre_tokenizer?: object
  added_tokens?: object[]
}

/** Every visible letter is a token, and the space. */
function encoderWith(parts: Parts): Encoder {
  const letters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  const vocab = Object.fromEntries([...letters, ' ', '\n'].map((letter, id) => [letter, id]))
  const json = {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...parts,
  }
  return new Encoder({ ...json, model: { type: 'BPE', vocab, merges: [] } }, {}, 'm/tokenizer.json', deadlines)
}

const endless = `${'a'.repeat(40)}!`

test.each<[string, Parts]>([
  ['pre-tokenizer', { pre_tokenizer: { type: 'Sequence', pretokenizers: [split('(a+)+$')] } }],
  ['normalizer', { normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: 'b' } }],
])('a pattern of the %s that backtracks without end is named with its file', (_, parts) => {
  const encoder = encoderWith(parts)
  const start = performance.now()
  const error = thrownBy(() => encoder.encode(endless))
  expect(performance.now() - start).toBeLessThan(1000)
  expect(error).toBeInstanceOf(FileFormatError)
  expect(error?.message).toBe('m/tokenizer.json, Regex "(a+)+$": encoding 41 letters was not done within 100 ms')
  expect(encoder.encode('!!')).toEqual([0, 0])
})

test('a pattern that has no end on an added token is named as the file is read', () => {
  const added_tokens = [{ id: 96, content: endless, special: false, normalized: true, ...spelling }]
  const normalizer = { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: 'b' }
  const message = 'm/tokenizer.json, Regex "(a+)+$": reading it was not done within 100 ms'
  expect(() => encoderWith({ normalizer, added_tokens })).toThrow(message)
})

test('of several patterns all are named, and the well-known ones are not among them', () => {
  const pretokenizers = [split('(a+)+$'), split(wellBehavedPatterns[1] as string), split('(b+)+$')]
  const encoder = encoderWith({ pre_tokenizer: { type: 'Sequence', pretokenizers } })
  expect(thrownBy(() => encoder.encode(endless))?.message).toMatch(
    /^m\/tokenizer\.json, one of Regex "\([ab]\+\)\+\$", "\([ab]\+\)\+\$": /,
  )
})

test('the patterns that run without a deadline take no long time for any text that does', () => {
  const begins = ['', 'a', '\n', "'s", '!']
  const repeated = [' ', '\n', ' \n', 'a', 'a ', '1', '!', "'", "'s", '! ', '\u00a0', 'é', '\r\n ', '!\n']
  const ends = ['', 'a', '!', '\n', ' ']
  const texts = begins.flatMap((b) => repeated.flatMap((r) => ends.map((e) => b + r.repeat(9999 / r.length) + e)))
  for (const pattern of wellBehavedPatterns) {
    const regex = new RegExp(pattern.replace(/\(\?i:([^)]*)\)/, '(?:$1)'), 'giu')
    for (const text of texts) {
      const start = performance.now()
      text.match(regex)
      expect(performance.now() - start).toBeLessThan(500)
    }
  }
})
