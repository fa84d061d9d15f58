import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SafetensorsFile } from '../../lib/io/safetensors.js'
import { openSafetensorsFolder } from '../../lib/io/safetensors-folder.js'
import { loadDecoder } from '../../lib/models/load.js'
import { saveModel } from '../../lib/models/save.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { type FixtureName, fixtureFolder } from '../models/fixtures.js'
import { fuzz, loadedOrRefused } from './harness.js'
import { byteChanges, mutatedBytes, mutatedJson, mutations } from './mutate.js'

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

async function readAll(path: string): Promise<void> {
  const file = await SafetensorsFile.open(path)
  try {
    for (const name of file.names) await loadedOrRefused(() => file.readF32(name))
  } finally {
    await file.close()
  }
}

const weights = readFileSync(join(fixtureFolder('qwen3-tied'), 'model.safetensors'))
const headerLength = Number(weights.readBigUInt64LE(0))
const header: unknown = JSON.parse(weights.subarray(8, 8 + headerLength).toString())
const data = weights.subarray(8 + headerLength)
const lengthLie = fc.constantFrom(0n, 0n, 0n, 1n, -1n, 1n << 40n, 1n << 63n)

test('safetensors: a header that lies', async () => {
  const path = join(temporaryFolder(), 'w.safetensors')
  await fuzz(fc.tuple(mutations, lengthLie), 150, async ([changes, lie]) => {
    const json = Buffer.from(mutatedJson(header, changes))
    const prefix = Buffer.alloc(8)
    prefix.writeBigUInt64LE(BigInt.asUintN(64, BigInt(json.length) + lie))
    writeFileSync(path, Buffer.concat([prefix, json, data]))
    await loadedOrRefused(() => readAll(path))
  })
})

test('safetensors: broken bytes in and before the header', async () => {
  const path = join(temporaryFolder(), 'w.safetensors')
  await fuzz(byteChanges, 150, async (changes) => {
    writeFileSync(path, mutatedBytes(weights, changes, 8 + headerLength))
    await loadedOrRefused(() => readAll(path))
  })
})

test.each(['qwen2-tied-grouped', 'llama-untied-llama3', 'qwen3-untied-yarn'] satisfies FixtureName[])(
  'config.json of %s; what loads is saved, into its folder only',
  async (name) => {
    const home = temporaryFolder()
    const folder = join(home, 'model')
    cpSync(fixtureFolder(name), folder, { recursive: true })
    const config = readJson(join(fixtureFolder(name), 'config.json'))
    await fuzz(mutations, 60, async (changes) => {
      writeFileSync(join(folder, 'config.json'), mutatedJson(config, changes))
      using model = await loadedOrRefused(() => loadDecoder(folder))
      if (model) await saveModel(join(home, 'saved'), { model })
      expect(readdirSync(home).filter((entry) => entry !== 'saved')).toEqual(['model'])
    })
  },
)

test('an index of shards: names that lead elsewhere, and anything but names', async () => {
  const home = temporaryFolder()
  const folder = join(home, 'model')
  cpSync(fixtureFolder('qwen2-untied-one-kv-sharded'), folder, { recursive: true })
  mkdirSync(join(folder, 'sub'))
  const outside = join(home, 'x')
  writeFileSync(outside, weights)
  symlinkSync(outside, join(folder, 'out'))
  symlinkSync('loop', join(folder, 'loop'))
  symlinkSync('/dev/zero', join(folder, 'zero'))
  const index = readJson(join(folder, 'model.safetensors.index.json')) as { weight_map: Record<string, unknown> }
  const names = Object.keys(index.weight_map)
  const target = fc.constantFrom(
    '../x',
    outside,
    'out',
    'loop',
    'zero',
    'sub',
    'sub/../../x',
    'config.json',
    '.',
    'a\0b',
  )
  await fuzz(fc.tuple(fc.nat(), target), 60, async ([at, name]) => {
    const weight_map = { ...index.weight_map, [names[at % names.length] as string]: name }
    writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }))
    expect(await loadedOrRefused(() => openSafetensorsFolder(folder))).toBe(undefined)
  })
  await fuzz(mutations, 60, async (changes) => {
    writeFileSync(join(folder, 'model.safetensors.index.json'), mutatedJson(index, changes))
    const model = await loadedOrRefused(() => loadDecoder(folder))
    model?.dispose()
  })
})
