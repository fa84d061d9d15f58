import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadDecoder, weightsOf } from '../../lib/models/load.js'
import { weightShapes } from '../../lib/models/weight-shapes.js'
import { native } from '../../lib/native.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fixtureFolder, fixtureNames } from './fixtures.js'

test.each(fixtureNames)('the shapes of %s are those of its decoder', async (name) => {
  using model = await loadDecoder(fixtureFolder(name))
  const made = [...weightsOf(model)].map(([key, { shape }]) => [key, [...shape]] as const)
  expect(new Map(weightShapes(model.config))).toEqual(new Map(made))
})

const huge = 2 ** 40
test.each([
  { num_hidden_layers: Number.MAX_SAFE_INTEGER },
  { num_hidden_layers: 50 },
  { vocab_size: huge },
  { hidden_size: huge },
  { intermediate_size: huge },
  { num_attention_heads: huge, num_key_value_heads: huge, head_dim: 8 },
  { head_dim: huge },
  { max_position_embeddings: huge },
])('a configuration with %j fails before it takes memory', async (change) => {
  const source = fixtureFolder('qwen2-tied-grouped')
  const folder = temporaryFolder()
  cpSync(source, folder, { recursive: true })
  const config = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, ...change }))
  const { usedBytes } = native.memoryStats('cpu')
  await expect(loadDecoder(folder)).rejects.toMatchObject({
    code: expect.stringMatching(/^(FileFormatError|UnsupportedError)$/),
  })
  expect(native.memoryStats('cpu').usedBytes).toBe(usedBytes)
})
