import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSafetensorsFolder } from '../../lib/io/safetensors-folder.js'
import { writeSafetensors } from '../../lib/io/safetensors-write.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

async function writeOne(path: string, name: string, value: number): Promise<void> {
  await writeSafetensors(path, [[name, { dtype: 'F32', shape: [1], data: Float32Array.of(value) }]])
}

async function folderWithIndex(weightMap: unknown): Promise<string> {
  const folder = temporaryFolder()
  await writeOne(join(folder, 'model-00001-of-00002.safetensors'), 'a', 1)
  await writeOne(join(folder, 'model-00002-of-00002.safetensors'), 'b', 2)
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }))
  return folder
}

test('shards read as one set of tensors', async () => {
  const folder = await folderWithIndex({ b: 'model-00002-of-00002.safetensors', a: 'model-00001-of-00002.safetensors' })
  const source = await openSafetensorsFolder(folder)
  expect(source.names).toEqual(['a', 'b'])
  expect([...(await source.readF32('a')), ...(await source.readF32('b'))]).toEqual([1, 2])
  expect(() => source.info('c')).toThrow(/index\.json, tensor "c": no such tensor/)
  await source.close()
})

test('a folder without an index is its model.safetensors', async () => {
  const folder = temporaryFolder()
  await writeOne(join(folder, 'model.safetensors'), 'a', 7)
  const source = await openSafetensorsFolder(folder)
  expect([...(await source.readF32('a'))]).toEqual([7])
  await source.close()
})

test('a folder without weights says what it lacks', async () => {
  await expect(openSafetensorsFolder(temporaryFolder())).rejects.toThrow(/expected model\.safetensors or/)
})

test.each(['../secret.safetensors', '/etc/passwd', 'sub/../../secret.safetensors', '', '.', '..'])(
  'the file name %j does not leave the folder',
  async (name) => {
    const folder = await folderWithIndex({ a: name })
    await expect(openSafetensorsFolder(folder)).rejects.toMatchObject({
      code: 'FileFormatError',
      message: expect.stringMatching(/index\.json, file name .*: expected a file inside the folder/),
    })
  },
)

test('a link out of the folder is an error, a link and a folder within are fine', async () => {
  const outside = join(temporaryFolder(), 'x.safetensors')
  await writeOne(outside, 'a', 1)
  const folder = await folderWithIndex({ a: 'link.safetensors' })
  symlinkSync(outside, join(folder, 'link.safetensors'))
  await expect(openSafetensorsFolder(folder)).rejects.toThrow(/is a link out of the folder/)

  const kind = await folderWithIndex({ a: 'sub/link.safetensors' })
  mkdirSync(join(kind, 'sub'))
  symlinkSync(join(kind, 'model-00001-of-00002.safetensors'), join(kind, 'sub', 'link.safetensors'))
  await (await openSafetensorsFolder(kind)).close()
})

test('an index that names a missing file, a missing tensor or nothing is an error', async () => {
  const open = async (weightMap: unknown) => openSafetensorsFolder(await folderWithIndex(weightMap))
  await expect(open({ a: 'gone.safetensors' })).rejects.toThrow(/"gone\.safetensors": no such file in the folder/)
  await expect(open({ z: 'model-00001-of-00002.safetensors' })).rejects.toThrow(/tensor "z": no such tensor/)
  await expect(open(undefined)).rejects.toThrow(/weight_map: expected an object/)
  await expect(open({ a: 3 })).rejects.toThrow(/weight_map: expected an object/)
})
