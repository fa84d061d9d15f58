// That Parquet is decoded where it can do no harm. What the values become: formats.test.ts.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteFile } from 'hyparquet-writer'
import { expect, test } from 'vitest'
import { ByteBudget } from '../../../lib/data/formats/parquet/file-slices.js'
import { type ParquetOptions, readParquetRecords } from '../../../lib/data/formats/parquet.js'
import { readData } from '../../../lib/data/read-data.js'
import { runScript } from '../../helpers/script.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const numRows = 64

/** Two row groups of 32; `levels`, in hexadecimal, takes the place of what says which notes of the second are null. */
async function fileWith(levels: string | undefined): Promise<string> {
  const path = join(temporaryFolder(), 'a.parquet')
  await parquetWriteFile({
    filename: path,
    rowGroupSize: numRows / 2,
    codec: 'UNCOMPRESSED',
    columnData: [
      {
        name: 'note',
        data: Array.from({ length: numRows }, (_, i) =>
          (i * 7) % 5 < 2 ? null : `${i < 32 ? 'first' : 'second'} ${i}`,
        ),
        type: 'STRING',
        encoding: 'PLAIN',
      },
      { name: 'problem', data: Array.from({ length: numRows }, (_, i) => `p ${i}`), type: 'STRING' },
      { name: 'share', data: Array.from({ length: numRows }, (_, i) => (i % 2 ? Number.NaN : -0)), type: 'DOUBLE' },
    ],
  })
  if (levels !== undefined) overwriteLevels(path, Buffer.from(levels, 'hex'))
  return path
}

/** A byte of header, then a bit a row, stand right before the first text and its four bytes of length. */
function overwriteLevels(path: string, levels: Buffer): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf('second') - 4 - 5
  expect(bytes[at]).toBe((4 << 1) | 1)
  levels.copy(bytes, at)
  writeFileSync(path, bytes)
}

/** A run of 2^31 - 1 values on end, some minutes of work and all memory. */
const endless = 'feffffff0f'

async function readAll(path: string, options?: ParquetOptions): Promise<unknown[]> {
  const values: unknown[] = []
  for await (const record of readParquetRecords(path, options)) if ('value' in record) values.push(record.value)
  return values
}

test('every row group comes in order, with NaN and -0 as they are', async () => {
  const values = await readAll(await fileWith(undefined))
  expect(values).toHaveLength(numRows)
  expect(values[0]).toEqual({ problem: 'p 0', share: -0 })
  expect(values[62]).toEqual({ note: 'second 62', problem: 'p 62', share: -0 })
  expect(values[63]).toEqual({ problem: 'p 63', share: Number.NaN })
})

test('a page that keeps the decoder in a loop costs its row group, an error with its name, and not the event loop', async () => {
  const path = await fileWith(endless)
  let numTicks = 0
  const timer = setInterval(() => numTicks++, 5)
  const places: string[] = []
  const reading = async () => {
    for await (const { place } of readParquetRecords(path, { deadlineMs: 500 })) places.push(place)
  }
  await expect(reading()).rejects.toMatchObject({
    code: 'FileFormatError',
    message: expect.stringMatching(
      /a\.parquet, row group 2, rows 33 to 64: not readable as Parquet: not decoded within 50\d ms$/,
    ),
  })
  clearInterval(timer)
  expect([places.length, places.at(-1)]).toEqual([32, 'row 32'])
  expect(numTicks).toBeGreaterThan(10)
  expect(await readAll(await fileWith(undefined))).toHaveLength(numRows) // The next file has a decoder that works.
})

test('a page whose bytes end too soon is an error with its row group', async () => {
  await expect(readAll(await fileWith('ffffffff0f'))).rejects.toThrow(
    /a\.parquet, row group 2, rows 33 to 64: not readable as Parquet: /,
  )
})

test('an abort is heard while a page keeps the decoder in a loop', async () => {
  const path = await fileWith(endless)
  const reason = new Error('enough')
  const aborted = new AbortController()
  const reading = (async () => {
    for await (const _ of readData({ path }, { signal: aborted.signal }));
  })()
  setTimeout(() => aborted.abort(reason), 300)
  await expect(reading).rejects.toBe(reason)
  await expect(readAll(path, { signal: aborted.signal })).rejects.toBe(reason)
})

test('files are read beside each other', async () => {
  const paths = [await fileWith(undefined), await fileWith(undefined), await fileWith(undefined)]
  const all = await Promise.all(paths.map((path) => readAll(path)))
  expect(all.map(({ length }) => length)).toEqual([numRows, numRows, numRows])
})

test('a reader that is left alone keeps no program alive, and one that is waited for does', async () => {
  const paths = [await fileWith(endless), await fileWith(undefined)].map((path) => JSON.stringify(path))
  const code = `import { readData } from 'lengthen'
    let numRows = 0
    for await (const row of readData(${paths[1]})) numRows++
    const left = readData(${paths[0]})
    await left.next()
    console.log(JSON.stringify(numRows))`
  expect(await runScript<number>(code)).toBe(numRows)
})

test('a row group takes no more bytes than it may', () => {
  const budget = new ByteBudget(10)
  budget.take(6)
  budget.take(-100)
  expect(() => budget.take(5)).toThrow('a row group takes more than 10 bytes')
  budget.renew()
  budget.take(10)
  expect(() => budget.take(Number.NaN)).toThrow(RangeError)
})
