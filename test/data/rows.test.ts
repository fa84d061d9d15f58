import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRows } from '../../lib/data/rows.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

function fileOf(text: string): string {
  const path = join(temporaryFolder(), 'rows.jsonl')
  writeFileSync(path, text)
  return path
}

test('rows keep every field; numbers become text where text is meant', async () => {
  const path = fileOf('{"id":7,"problem":"p","answer":42,"level":3}\n\n{"problem":"q","answer":["1",2]}\n')
  expect(await readRows(path)).toEqual([
    { id: '7', problem: 'p', answer: '42', level: 3 },
    { id: 'line 3', problem: 'q', answer: ['1', '2'] },
  ])
})

test.each<[string, string, RegExp]>([
  ['no problem', '{"answer":"1"}', /line 1: problem: expected text/],
  ['an empty problem', '{"problem":""}', /line 1: problem: expected text, got none/],
  [
    'an answer of the wrong type',
    '{"problem":"p"}\n{"problem":"p","answer":{}}',
    /line 2: answer: expected text, a number or a list/,
  ],
  ['a list without answers', '{"problem":"p","answer":[]}', /line 1: answer/],
  ['no object', '3', /line 1: /],
  ['an id used twice', '{"id":"a","problem":"p"}\n{"id":"a","problem":"q"}', /line 2: id "a" is there twice/],
  ['no row', '\n', /rows\.jsonl: expected at least one row/],
  ['no JSON', 'problem: p', /line 1: not JSON/],
])('%s is an error with its line', async (_, text, message) => {
  await expect(readRows(fileOf(text))).rejects.toMatchObject({
    code: 'FileFormatError',
    message: expect.stringMatching(message),
  })
})
