import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openSafetensorsFolder } from '../../lib/io/safetensors-folder.js'
import { writeSafetensors } from '../../lib/io/safetensors-write.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const revision = '0123456789abcdef0123456789abcdef01234567'
const hash = 'ab'.repeat(32)

interface Layout {
  model?: string
  snapshots?: string
  /** Of the shard, in the snapshot. */
  name?: string
  /** Where the shard's link leads, from its own folder. */
  link?: string
  /** Where the tensor lies, from the cache. */
  blob?: string
}

/** A cache whose one model has one shard, as huggingface_hub lays it out unless told otherwise; the snapshot's folder. */
async function cacheWith({
  model = 'models--org--small',
  snapshots = 'snapshots',
  name = 'model-00001-of-00001.safetensors',
  link = `../../blobs/${hash}`,
  blob = `${model}/blobs/${hash}`,
}: Layout = {}): Promise<string> {
  const cache = temporaryFolder()
  const snapshot = join(cache, model, snapshots, revision)
  mkdirSync(dirname(join(snapshot, name)), { recursive: true })
  mkdirSync(dirname(join(cache, blob)), { recursive: true })
  await writeSafetensors(join(cache, blob), [['a', { dtype: 'F32', shape: [1], data: Float32Array.of(7) }]])
  symlinkSync(link, join(snapshot, name))
  writeFileSync(join(snapshot, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { a: name } }))
  return snapshot
}

async function readA(folder: string): Promise<number | undefined> {
  const source = await openSafetensorsFolder(folder)
  try {
    return (await source.readF32('a'))[0]
  } finally {
    await source.close()
  }
}

test('shards in a Hugging Face cache are links to its blobs, and load', async () => {
  expect(await readA(await cacheWith())).toBe(7)
})

test('a shard in a folder of the snapshot, and a link to the snapshot, load too', async () => {
  const inner = await cacheWith({ name: 'weights/model.safetensors', link: `../../../blobs/${hash}` })
  expect(await readA(inner)).toBe(7)
  const link = join(temporaryFolder(), 'small')
  symlinkSync(inner, link)
  expect(await readA(link)).toBe(7)
})

test.each<[string, Layout]>([
  ['the blobs of another model', { link: `../../../models--x--y/blobs/${hash}`, blob: `models--x--y/blobs/${hash}` }],
  ['a file beside the blobs', { link: `../../${hash}`, blob: `models--org--small/${hash}` }],
  ['a blob that is not named by a hash', { link: '../../blobs/x', blob: 'models--org--small/blobs/x' }],
  ['a folder in the blobs', { link: `../../blobs/x/${hash}`, blob: `models--org--small/blobs/x/${hash}` }],
  ['blobs of a folder that is no model of a cache', { model: 'small' }],
  ['blobs of a folder that is no snapshot', { snapshots: 'refs' }],
])('a link to %s leaves the folder and is refused', async (_, layout) => {
  await expect(readA(await cacheWith(layout))).rejects.toMatchObject({
    code: 'FileFormatError',
    message: expect.stringMatching(
      /index\.json, file name "model-\S+": is a link out of the folder, to \S+; only those of a Hugging Face cache may be/,
    ),
  })
})

test('a blob that is a link itself is refused', async () => {
  const snapshot = await cacheWith({ blob: 'elsewhere' })
  mkdirSync(join(snapshot, '../../blobs'))
  symlinkSync('../../elsewhere', join(snapshot, '../../blobs', hash))
  await expect(readA(snapshot)).rejects.toThrow(/is a link out of the folder/)
})
