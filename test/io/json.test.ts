import { expect, test } from 'vitest'
import { parseJson } from '../../lib/io/json.js'

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

test('a value is read; what is not JSON says where', () => {
  expect(parseJson('{"a":[1]}', { file: 'f' })).toEqual({ a: [1] })
  expect(() => parseJson('{', { file: 'f', place: 'line 3' })).toThrow(/^f, line 3: not JSON/)
})

test('nesting has an end', () => {
  expect(() => parseJson(nested(100), { file: 'f' })).not.toThrow()
  expect(() => parseJson(nested(200), { file: 'f' })).toThrow(/nested at most 100 levels/)
  expect(() => parseJson(nested(1_000_000), { file: 'f' })).toThrow(/nested at most 100 levels/)
})
