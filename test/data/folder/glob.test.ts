import { expect, test } from 'vitest'
import { isGlobMatch } from '../../../lib/data/folder/glob.js'

test.each<[string, string[], string[]]>([
  ['*.csv', ['a.csv', '.csv'], ['a/b.csv', 'a.csvx', 'a_csv']],
  ['main/train-*', ['main/train-', 'main/train-1.parquet'], ['main/train/x', 'main/trai']],
  ['**', ['a', 'a/b/c', ''], []],
  ['**/x', ['x', 'a/x', 'a/b/x'], ['ax', 'a/bx', 'x/a']],
  ['a/**/b', ['a/b', 'a/c/b', 'a/c/d/b'], ['a/cb', 'ab', 'b']],
  ['a/**', ['a/b', 'a/b/c', 'a/'], ['a', 'b/a/c']],
  ['?.txt', ['a.txt', 'é.txt', '😀.txt'], ['.txt', 'ab.txt', '/.txt']],
  ['[ab][!0-9]', ['ax', 'bé'], ['a0', 'cx', 'a/']],
  ['a[-]b', ['a-b'], ['aab']],
  ['[a', ['[a'], ['a']],
  ['(a|b)+.$^{}', ['(a|b)+.$^{}'], ['a']],
])('%s', (glob, fits, others) => {
  expect(fits.filter((name) => !isGlobMatch(glob, name))).toEqual([])
  expect(others.filter((name) => isGlobMatch(glob, name))).toEqual([])
})

test('a pattern full of stars ends soon on a name that does not fit', () => {
  expect(isGlobMatch(`${'*a'.repeat(200)}b`, 'a'.repeat(500))).toBe(false)
  expect(isGlobMatch(`${'**/'.repeat(200)}b`, `${'a/'.repeat(250)}c`)).toBe(false)
})
