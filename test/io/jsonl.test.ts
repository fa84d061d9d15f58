import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { JsonlWriter, readJsonl } from '../../lib/io/jsonl.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

async function records(content: string | Uint8Array) {
  const path = join(temporaryFolder(), 'rows.jsonl')
  writeFileSync(path, content)
  return collect(readJsonl(path))
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

test('values come with their line, blank lines are passed over, the last newline is optional', async () => {
  expect(await records('{"a":1}\n\r\n  \n[2]\r\n"three"')).toEqual([
    { line: 1, value: { a: 1 } },
    { line: 4, value: [2] },
    { line: 5, value: 'three' },
  ])
  expect(await records('')).toEqual([])
})

test('a line longer than one read and letters cut by a read survive', async () => {
  const text = 'zażółć ∮ 🦆 '.repeat(30_000)
  expect(await records(`${JSON.stringify({ text })}\n1\n`)).toEqual([
    { line: 1, value: { text } },
    { line: 2, value: 1 },
  ])
})

test('a byte-order mark is not part of the first value', async () => {
  expect(await records('\uFEFF1\n')).toEqual([{ line: 1, value: 1 }])
})

test('a line that is not JSON is an error that names file and line', async () => {
  await expect(records('1\n\n{"a":\n')).rejects.toMatchObject({
    code: 'FileFormatError',
    place: 'line 3',
    message: expect.stringMatching(/rows\.jsonl, line 3: not JSON/),
  })
})

test('bytes that are not UTF-8 are an error', async () => {
  await expect(records(Uint8Array.from([0x31, 0x0a, 0xff, 0x0a]))).rejects.toThrow(/expected UTF-8/)
})

test('a missing file rejects with its path', async () => {
  await expect(collect(readJsonl('/nowhere/rows.jsonl'))).rejects.toThrow(/ENOENT.*rows\.jsonl/)
})

test('lines keep the order of the calls, and an append continues the file', async () => {
  const path = join(temporaryFolder(), 'metrics.jsonl')
  const first = await JsonlWriter.open(path, { mode: 'create' })
  for (let step = 0; step < 50; step++) void first.write({ step })
  await first.close()
  const second = await JsonlWriter.open(path)
  await second.write({ step: 50 })
  await second.close()
  const expected = Array.from({ length: 51 }, (_, step) => `{"step":${step}}\n`).join('')
  expect(readFileSync(path, 'utf8')).toBe(expected)
})

test('a writer knows the bytes of its file, and cuts it between two lines', async () => {
  const path = join(temporaryFolder(), 'metrics.jsonl')
  const writer = await JsonlWriter.open(path)
  void writer.write({ é: 1 })
  const one = writer.numBytes
  void writer.write(2)
  void writer.cut(one)
  void writer.write(3)
  await writer.sync()
  expect(readFileSync(path, 'utf8')).toBe('{"é":1}\n3\n')
  expect(writer.numBytes).toBe(Buffer.byteLength('{"é":1}\n3\n'))
  await writer.close()
  const again = await JsonlWriter.open(path)
  await again.cut(1000)
  expect(again.numBytes).toBe(writer.numBytes)
  await again.close()
})

test('a stream is read like a file, in pieces cut anywhere, and errors call it by its name', async () => {
  const bytes = Buffer.from('{"a":"é"}\n\n{"a":2}\n')
  const pieces = (text: Uint8Array) => Readable.from(Array.from(text, (byte) => Uint8Array.of(byte)))
  const records: unknown[] = []
  for await (const record of readJsonl('stdin', pieces(bytes))) records.push(record)
  expect(records).toEqual([
    { line: 1, value: { a: 'é' } },
    { line: 3, value: { a: 2 } },
  ])
  await expect(readJsonl('stdin', pieces(Buffer.from('\n\n{'))).next()).rejects.toThrow(/^stdin, line 3: /)
})

test.skipIf(!existsSync('/dev/full'))('a line that cannot be written is an error that names the file', async () => {
  const writer = await JsonlWriter.open('/dev/full')
  await expect(writer.write({ step: 1 })).rejects.toThrow(/^\/dev\/full could not be written: ENOSPC/)
  await expect(writer.close()).rejects.toThrow('/dev/full')
})
