import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parquetWriteFile } from 'hyparquet-writer'
import { expect, test } from 'vitest'
import { readParquetRecords } from '../../lib/data/formats/parquet.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fuzz, loadedOrRefused } from './harness.js'
import { type ByteChange, byteChanges, mutatedBytes } from './mutate.js'

const deadlineMs = 400
/** Damaged metadata may promise any number of rows of nothing. */
const mostRows = 10_000

const codecs = ['UNCOMPRESSED', 'SNAPPY'] as const

async function smallFile(path: string, codec: (typeof codecs)[number]): Promise<Buffer> {
  const each = <Value>(value: (i: number) => Value) => Array.from({ length: 40 }, (_, i) => value(i))
  await parquetWriteFile({
    filename: path,
    codec,
    rowGroupSize: 20,
    schema: [
      { name: 'root', num_children: 5 },
      { name: 'problem', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'kind', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'isHard', type: 'BOOLEAN', repetition_type: 'REQUIRED' },
      { name: 'number', type: 'INT64', repetition_type: 'OPTIONAL' },
      { name: 'answers', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'problem', data: each((i) => (i % 3 ? `what is ${i}?` : null)), encoding: 'DELTA_LENGTH_BYTE_ARRAY' },
      { name: 'kind', data: each((i) => (i % 2 ? 'odd' : 'even')) },
      { name: 'isHard', data: each((i) => i % 5 === 0), encoding: 'RLE' },
      { name: 'number', data: each((i) => BigInt(i) ** 9n), encoding: 'DELTA_BINARY_PACKED' },
      { name: 'answers', data: each((i) => (i % 4 ? [`${i}`, null, `${i}.0`] : i % 8 ? [] : null)) },
    ],
  })
  return readFileSync(path)
}

async function numRows(path: string): Promise<number> {
  let count = 0
  for await (const _ of readParquetRecords(path, { deadlineMs })) if (++count === mostRows) break
  return count
}

test.each(codecs)('a Parquet file with broken bytes, %s', async (codec) => {
  const path = join(temporaryFolder(), 'a.parquet')
  const bytes = await smallFile(path, codec)
  expect(await numRows(path)).toBe(40)
  // Bytes that are set leave the footer where it is: what is damaged then is the pages and what the metadata says of them.
  const set: fc.Arbitrary<ByteChange[]> = fc.array(
    fc.record({
      at: fc.nat(),
      value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff)),
      kind: fc.constant('set' as const),
    }),
    { minLength: 1, maxLength: 6 },
  )
  await fuzz(fc.oneof({ weight: 5, arbitrary: set }, { weight: 1, arbitrary: byteChanges }), 30, async (changes) => {
    writeFileSync(path, mutatedBytes(bytes, changes))
    await loadedOrRefused(() => numRows(path))
  })
  writeFileSync(path, bytes)
  expect(await numRows(path)).toBe(40)
})
