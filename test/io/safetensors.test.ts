import { readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SafetensorsFile } from '../../lib/io/safetensors.js'
import { type TensorToWrite, writeSafetensors } from '../../lib/io/safetensors-write.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

/** A file made by hand, so that its header may lie. */
function fileOf(header: unknown, dataBytes = 0, options: { length?: bigint } = {}): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(options.length ?? BigInt(json.length))
  const path = join(temporaryFolder(), 'w.safetensors')
  writeFileSync(path, Buffer.concat([prefix, json, Buffer.alloc(dataBytes)]))
  return path
}

function f32(shape: number[], values: number[]): TensorToWrite {
  return { dtype: 'F32', shape, data: Float32Array.from(values) }
}

test('what is written is read back, each tensor in the dtype asked', async () => {
  const path = join(temporaryFolder(), 'w.safetensors')
  await writeSafetensors(path, [
    ['b.half', { dtype: 'F16', shape: [3], data: Uint16Array.of(0x3c00, 0xc000, 0x3555) }],
    ['a.wide', f32([2, 2], [1, -2, 3.140625, 1e-30])],
    ['c.brain', { dtype: 'BF16', shape: [1, 3], data: async () => Uint16Array.of(0x3f80, 0x4000, 0xc049) }],
    ['d.empty', f32([0, 7], [])],
    ['e.scalar', f32([], [5])],
  ])
  const file = await SafetensorsFile.open(path)
  expect(file.names).toEqual(['a.wide', 'b.half', 'c.brain', 'd.empty', 'e.scalar'])
  expect(file.metadata).toEqual({ format: 'pt' })
  expect(file.info('a.wide')).toMatchObject({ dtype: 'F32', shape: [2, 2] })
  expect([...(await file.readF32('a.wide'))]).toEqual([1, -2, 3.140625, Math.fround(1e-30)])
  expect([...(await file.readF32('b.half'))]).toEqual([1, -2, 0.333251953125])
  expect([...(await file.readF32('c.brain'))]).toEqual([1, 2, -3.140625])
  expect([...(await file.readBf16('c.brain'))]).toEqual([0x3f80, 0x4000, 0xc049])
  expect([...(await file.readBf16('a.wide'))].slice(0, 3)).toEqual([0x3f80, 0xc000, 0x4049])
  expect((await file.readF32('d.empty')).length).toBe(0)
  expect([...(await file.readF32('e.scalar'))]).toEqual([5])
  await file.close()
})

test('the bytes do not depend on the order of the tensors, and every tensor is aligned to its element', async () => {
  const folder = temporaryFolder()
  const tensors: [string, TensorToWrite][] = [
    ['2', f32([1], [1])],
    ['10', f32([1], [2])],
    ['odd', { dtype: 'BF16', shape: [3], data: new Uint16Array(3) }],
    ['bytes', { dtype: 'U8', shape: [5], data: new Uint8Array(5) }],
  ]
  await writeSafetensors(join(folder, 'a'), tensors)
  await writeSafetensors(join(folder, 'b'), tensors.toReversed())
  expect(readFileSync(join(folder, 'a')).equals(readFileSync(join(folder, 'b')))).toBe(true)
  const file = await SafetensorsFile.open(join(folder, 'a'))
  expect(file.names.map((name) => file.info(name).begin)).toEqual([0, 4, 14, 8])
  await file.close()
})

test('data of the wrong size or two tensors of one name are refused, and no file appears', async () => {
  const folder = temporaryFolder()
  const write = (tensors: [string, TensorToWrite][]) => writeSafetensors(join(folder, 'w'), tensors)
  await expect(write([['w', f32([2, 2], [1, 2, 3])]])).rejects.toThrow(
    '[safetensors] expected 16 bytes for tensor "w", F32 [2, 2], got 12',
  )
  const twice: [string, TensorToWrite] = ['w', f32([1], [1])]
  await expect(write([twice, twice])).rejects.toThrow(/name of its own/)
  expect(readdirSync(folder)).toEqual([])
})

const w = (entry: object) => ({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...entry } })

test.each<[string, () => string, RegExp]>([
  ['a file shorter than its length field', () => join(shortFile()), /header length: expected at least 8 bytes/],
  ['a header of 10 GB', () => fileOf({}, 0, { length: 10_000_000_000n }), /header length: .*got 10000000000/],
  ['a header length that no double holds', () => fileOf({}, 0, { length: 2n ** 63n }), /got 9223372036854775808/],
  ['a header past the end', () => fileOf({}, 0, { length: 100n }), /100 bytes run past the end of the file/],
  ['an empty header', () => fileOf(''), /header: not JSON/],
  ['a header that is not JSON', () => fileOf('{"w": '), /header: not JSON/],
  ['a header that is a list', () => fileOf([]), /expected a JSON object/],
  ['metadata that are not strings', () => fileOf({ __metadata__: { a: 1 } }), /__metadata__: expected/],
  ['a tensor that is not an object', () => fileOf({ w: 3 }), /tensor "w": expected an object/],
  ['an unknown dtype', () => fileOf(w({ dtype: 'F31' }), 8), /tensor "w": expected a dtype of .*got "F31"/],
  ['a dtype from the prototype', () => fileOf(w({ dtype: 'toString' }), 8), /got "toString"/],
  ['a negative size', () => fileOf(w({ shape: [-2] }), 8), /shape of non-negative integers, got \[-2\]/],
  ['a fractional size', () => fileOf(w({ shape: [1.5] }), 8), /shape of non-negative integers/],
  ['a missing shape', () => fileOf(w({ shape: undefined }), 8), /got nothing/],
  [
    'a shape whose product overflows',
    () => fileOf(w({ shape: [2 ** 40, 2 ** 40] }), 8),
    /takes 4835703278458516698824704 bytes/,
  ],
  ['a shape that does not fill its range', () => fileOf(w({ shape: [3] }), 8), /takes 12 bytes, .* hold 8/],
  ['a negative offset', () => fileOf(w({ data_offsets: [-8, 0] }), 8), /two non-negative integers, got \[-8,0\]/],
  ['one offset', () => fileOf(w({ data_offsets: [8] }), 8), /two non-negative integers/],
  ['offsets in reverse', () => fileOf(w({ data_offsets: [8, 0] }), 8), /end before they begin/],
  ['offsets past the end', () => fileOf(w({ data_offsets: [8, 16] }), 8), /run past the data, which has 8 bytes/],
  [
    'overlapping tensors',
    () => fileOf({ ...w({}), v: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }, 12),
    /tensor "v": overlaps/,
  ],
  [
    'a hole between tensors',
    () => fileOf({ ...w({}), v: { dtype: 'F32', shape: [1], data_offsets: [12, 16] } }, 16),
    /tensor "v": begins at 12, leaving a hole after 8/,
  ],
  ['a hole at the beginning', () => fileOf(w({ data_offsets: [4, 12] }), 12), /leaving a hole after 0/],
  ['bytes of no tensor', () => fileOf(w({}), 11), /end of file: 3 bytes belong to no tensor/],
])('%s is an error that names file and place', async (_, make, message) => {
  const path = make()
  const error = await SafetensorsFile.open(path).catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'FileFormatError', file: path, message: expect.stringMatching(message) })
})

function shortFile(): string {
  const path = join(temporaryFolder(), 'w.safetensors')
  writeFileSync(path, 'abc')
  return path
}

test('a file cut after it was opened is an error, not a hang or zeros', async () => {
  const path = fileOf(w({ shape: [1000], data_offsets: [0, 4000] }), 4000)
  const file = await SafetensorsFile.open(path)
  truncateSync(path, 500)
  await expect(file.readF32('w')).rejects.toThrow(/the file ended while it was read/)
  await file.close()
})

test.each(['F64', 'I64', 'U64'])('%s opens and gives its bytes, but is not converted', async (dtype) => {
  const file = await SafetensorsFile.open(fileOf(w({ dtype, shape: [1] }), 8))
  expect((await file.readBytes('w')).length).toBe(8)
  await expect(file.readF32('w')).rejects.toMatchObject({
    code: 'UnsupportedError',
    message: expect.stringMatching(`expected F32, BF16 or F16 for tensor "w", got ${dtype}`),
  })
  await expect(file.readBf16('w')).rejects.toMatchObject({ code: 'UnsupportedError' })
  await file.close()
})

test('a tensor the file lacks is an error that names both', async () => {
  const file = await SafetensorsFile.open(fileOf(w({}), 8))
  expect(() => file.info('v')).toThrow(/w\.safetensors, tensor "v": no such tensor/)
  await expect(file.readF32('v')).rejects.toThrow(/no such tensor/)
  await file.close()
})

test('a missing file rejects with its path', async () => {
  await expect(SafetensorsFile.open('/nowhere/w.safetensors')).rejects.toThrow(/ENOENT.*w\.safetensors/)
})

test('a link given by the user himself is followed', async () => {
  const link = join(temporaryFolder(), 'link')
  symlinkSync(fileOf(w({}), 8), link)
  await (await SafetensorsFile.open(link)).close()
})
