import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteFile } from 'hyparquet-writer'
import { expect, test } from 'vitest'
import type { FileRecord } from '../../../lib/data/formats/format.js'
import { readerOf } from '../../../lib/data/formats/index.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

async function read(name: string, content: string | Uint8Array): Promise<FileRecord[]> {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return readAll(path)
}

async function readAll(path: string): Promise<FileRecord[]> {
  const records: FileRecord[] = []
  for await (const record of readerOf(path)(path)) records.push(record)
  return records
}

const values = (records: FileRecord[]) =>
  records.map((record) => ('value' in record ? record.value : record.problem.message))

test('JSON Lines: a line that is not JSON leaves the others readable', async () => {
  const records = await read('a.jsonl', '{"a":1}\nno\n\n[2]')
  expect(records.map(({ place }) => place)).toEqual(['line 1', 'line 2', 'line 4'])
  expect(values(records)).toEqual([{ a: 1 }, expect.stringMatching(/a\.jsonl, line 2: not JSON/), [2]])
})

test.each<[string, string]>([
  ['an array', '[{"a":1},\n {"a":"] , \\" }{ \\\\"},[2]\n]\n'],
  ['records side by side', '{"a":1}\n{"a":"] , \\" }{ \\\\"}[2]'],
  ['records side by side behind a byte order mark', '\ufeff{\n"a":1\n}\n\n{"a":"] , \\" }{ \\\\"} [2]'],
])('JSON: %s, cut anywhere', async (_, text) => {
  const records = await read('a.json', text)
  expect(values(records)).toEqual([{ a: 1 }, { a: '] , " }{ \\' }, [2]])
  expect(records.map(({ place }) => place)).toEqual(['row 1', 'row 2', 'row 3'])
})

test('JSON: words and numbers are read too, and an empty array has no records', async () => {
  expect(values(await read('a.json', '[1, "x\\"", null,true ,-2.5e3]'))).toEqual([1, 'x"', null, true, -2500])
  expect(await read('a.json', ' [ ] ')).toEqual([])
  expect(await read('a.json', ' ')).toEqual([])
})

test.each<[string, string, RegExp]>([
  [
    'ends in the midst of a record',
    '[{"a":1},{"a"',
    /row 2: not JSON: expected the end of a record, got the end of the file/,
  ],
  ['ends before its bracket', '[{"a":1}', /row 2: not JSON: expected "," or "\]", got the end of the file/],
  ['has no comma', '[{"a":1} {"b":2}]', /row 2: not JSON: expected "," or "\]", got "\{"/],
  ['has a comma too many', '[{"a":1},]', /row 2: not JSON: expected a record, got "\]"/],
  ['goes on behind its end', '[] 3', /row 1: not JSON: expected nothing more, got "3"/],
  ['has two arrays', '[1][2]', /row 2: not JSON: expected nothing more, got "\["/],
  ['is no JSON', '\\', /row 1: not JSON: expected an array or a record, got "\\\\"/],
])('JSON that %s is an error with its row', async (_, text, message) => {
  await expect(read('a.json', text)).rejects.toMatchObject({
    code: 'FileFormatError',
    message: expect.stringMatching(message),
  })
})

test('JSON: a record with a mistake inside leaves the others readable', async () => {
  expect(values(await read('a.json', '[{"a":x},{"a":2}]'))).toEqual([
    expect.stringMatching(/row 1: not JSON/),
    { a: 2 },
  ])
})

test('CSV: quotes, commas and newlines in cells, a byte order mark, empty cells, and the lines of each row', async () => {
  const records = await read('a.csv', '\ufeffproblem,answer\r\n"a ""b"",\nc",1\r\nd,\r\n__proto__,3\n')
  expect(values(records)).toEqual([
    { problem: 'a "b",\nc', answer: '1' },
    { problem: 'd' },
    { problem: '__proto__', answer: '3' },
  ])
  expect(records.map(({ place }) => place)).toEqual(['lines 2 to 3', 'line 4', 'line 5'])
  expect(values(await read('a.tsv', 'a\tb\n1,5\t2\n'))).toEqual([{ a: '1,5', b: '2' }])
})

test('CSV: a row of another length leaves the others readable, a quote out of place does not', async () => {
  const records = await read('a.csv', 'a,b\n1\n2,3\n')
  expect(values(records)).toEqual([
    expect.stringMatching(/a\.csv, line 2: expected 2 cells, .* got 1/),
    { a: '2', b: '3' },
  ])
  await expect(read('a.csv', 'a,b\n"1"2,3\n')).rejects.toThrow(/a\.csv: not CSV: Invalid Closing Quote.* line 2/)
  await expect(read('a.csv', 'a,b\n"1,3\n')).rejects.toThrow(/not CSV: Quote Not Closed/)
  await expect(read('a.csv', 'a,a\n1,3\n')).rejects.toThrow(/header: column "a" is there twice/)
  expect(await read('a.csv', '')).toEqual([])
})

test('CSV: newlines of either kind wherever a piece of the file ends', async () => {
  for (const newline of ['\n', '\r\n', '\r']) {
    const rows = Array.from({ length: 30_000 }, (_, i) => `"row, ${i}",${i}`)
    const records = await read('a.csv', ['problem,answer', ...rows, '', ''].join(newline))
    expect(values(records).slice(-2)).toEqual(
      [29_998, 29_999].map((i) => ({ problem: `row, ${i}`, answer: String(i) })),
    )
    expect([records.length, records.at(-1)?.place]).toEqual([30_000, 'line 30001'])
  }
})

test.each(['a.jsonl', 'a.json', 'a.csv'])('%s: bytes that are no UTF-8 are an error', async (name) => {
  await expect(read(name, Buffer.from([0x7b, 0x0a, 0xff, 0x7d]))).rejects.toThrow(/after line \d: expected UTF-8 text/)
})

test('Parquet: nested values, large integers, times, bytes, decimals and what is missing', async () => {
  const path = join(temporaryFolder(), 'a.parquet')
  await parquetWriteFile({
    filename: path,
    columnData: [
      { name: 'small', data: [1n, 2n ** 53n - 1n], type: 'INT64' },
      { name: 'large', data: [2n ** 53n, -(2n ** 62n)], type: 'INT64' },
      { name: 'text', data: ['é', null], type: 'STRING' },
      { name: 'time', data: [new Date(0), new Date(1e12)], type: 'TIMESTAMP' },
      {
        name: 'nested',
        data: [
          { answers: ['1', '2'], n: 3 },
          { answers: [], n: null },
        ],
        type: 'JSON',
      },
      { name: 'share', data: [0.5, 57.25], type: 'DOUBLE' },
    ],
  })
  const records = await readAll(path)
  expect(records.map(({ place }) => place)).toEqual(['row 1', 'row 2'])
  expect(values(records)).toEqual([
    {
      ...{ small: 1, large: '9007199254740992', text: 'é', time: '1970-01-01T00:00:00.000Z', share: 0.5 },
      nested: { answers: ['1', '2'], n: 3 },
    },
    {
      ...{ small: 9007199254740991, large: '-4611686018427387904', time: '2001-09-09T01:46:40.000Z', share: 57.25 },
      nested: { answers: [], n: null },
    },
  ])
})

test('Parquet: lists, groups and decimals as columns of their own', async () => {
  const path = join(temporaryFolder(), 'a.parquet')
  await parquetWriteFile({
    filename: path,
    schema: [
      { name: 'root', num_children: 3 },
      { name: 'price', type: 'INT64', converted_type: 'DECIMAL', scale: 2, precision: 18, repetition_type: 'REQUIRED' },
      { name: 'answers', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'model', repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'truth', type: 'INT64', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'price', data: [0.57, 1234.5] },
      { name: 'answers', data: [['a', 'b'], null] },
      { name: 'model', data: [{ truth: 7n }, { truth: 2n ** 60n }] },
    ],
  })
  expect(values(await readAll(path))).toEqual([
    { price: 0.57, answers: ['a', 'b'], model: { truth: 7 } },
    { price: 1234.5, model: { truth: String(2n ** 60n) } },
  ])
})

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array(0)],
  ['text', Buffer.from('{"problem":"p"}\n')],
  [
    'a footer longer than the file',
    Buffer.concat([Buffer.from('PAR1xxxx'), Buffer.from([255, 255, 255, 127]), Buffer.from('PAR1')]),
  ],
])('Parquet: %s is an error that names the file', async (_, bytes) => {
  await expect(read('a.parquet', bytes)).rejects.toMatchObject({
    code: 'FileFormatError',
    message: expect.stringMatching(/a\.parquet: not readable as Parquet: /),
  })
})
