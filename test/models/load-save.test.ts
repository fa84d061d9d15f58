import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import {
  createModel,
  type Decoder,
  loadDecoder,
  loadModel,
  noGrad,
  pack,
  parseDecoderConfig,
  saveModel,
} from '../../lib/index.js'
import { SafetensorsFile } from '../../lib/io/safetensors.js'
import { writeSafetensors } from '../../lib/io/safetensors-write.js'
import { writeWordLevelTokenizer } from '../../lib/tokenizer/word-level.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fixtureFolder, fixtureNames } from './fixtures.js'

const valuesOf = async (model: Decoder) =>
  new Map(await Promise.all([...model.namedParameters()].map(async ([name, p]) => [name, await p.toArray()] as const)))

describe.each(fixtureNames)('%s', (name) => {
  test('load, save, load is the identity', async () => {
    const folder = join(temporaryFolder(), 'saved')
    using first = await loadDecoder(fixtureFolder(name))
    await saveModel(folder, { model: first })
    using second = await loadDecoder(folder)
    expect(second.config).toEqual(first.config)
    expect(await valuesOf(second)).toEqual(await valuesOf(first))
    const again = join(temporaryFolder(), 'again')
    await saveModel(again, { model: second })
    for (const file of ['config.json', 'model.safetensors'])
      expect(readFileSync(join(again, file)).equals(readFileSync(join(folder, file)))).toBe(true)
  })
})

test('a bf16 folder loaded as bf16 is saved as bf16, bit for bit', async () => {
  const source = fixtureFolder('qwen2-tied-bf16')
  const folder = join(temporaryFolder(), 'saved')
  using model = await loadDecoder(source, { dtype: 'bf16' })
  await saveModel(folder, { model })
  const [before, after] = await Promise.all(
    [source, folder].map((f) => SafetensorsFile.open(join(f, 'model.safetensors'))),
  )
  for (const name of before?.names ?? []) expect(await after?.readBytes(name)).toEqual(await before?.readBytes(name))
  expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')).torch_dtype).toBe('bfloat16')
  await before?.close()
  await after?.close()
})

test('saving over a folder removes its shards and leaves other files alone', async () => {
  const folder = join(temporaryFolder(), 'model')
  cpSync(fixtureFolder('qwen2-untied-one-kv-sharded'), folder, { recursive: true })
  using model = await loadDecoder(folder)
  await saveModel(folder, { model })
  expect(readdirSync(folder).sort()).toEqual([
    'config.json',
    'expected.json',
    'expected.safetensors',
    'model.safetensors',
  ])
  using again = await loadDecoder(folder)
  expect(await valuesOf(again)).toEqual(await valuesOf(model))
})

test('a failed save leaves nothing behind', async () => {
  const parent = temporaryFolder()
  using model = await loadDecoder(fixtureFolder('qwen2-tied-grouped'))
  model.norm.weight.dispose()
  await expect(saveModel(join(parent, 'model'), { model })).rejects.toThrow(/disposed/)
  expect(readdirSync(parent)).toEqual([])
})

test('model and tokenizer go out and come back together', async () => {
  const source = join(temporaryFolder(), 'source')
  mkdirSync(source)
  await writeWordLevelTokenizer(source, {
    tokens: ['a', 'b', ' '],
    eosToken: '<eos>',
    padToken: '<pad>',
    chatTemplate: '',
  })
  using model = createModel(
    parseDecoderConfig(readFileSync(join(fixtureFolder('qwen2-tied-grouped'), 'config.json'), 'utf8'), 'config.json')
      .config,
    { seed: 1 },
  )
  await saveModel(source, { model })
  const loaded = await loadModel(source)
  const folder = join(temporaryFolder(), 'target')
  await saveModel(folder, loaded)
  expect(existsSync(join(folder, 'tokenizer.json'))).toBe(true)
  const { tokenizer } = await loadModel(folder)
  expect(tokenizer.encode('a b')).toEqual(loaded.tokenizer.encode('a b'))
  expect(tokenizer.eosIds).toEqual(loaded.tokenizer.eosIds)
})

describe('a folder that is not what it should be', () => {
  const broken = async (change: (tensors: Map<string, { shape: number[]; data: Float32Array }>) => void) => {
    const folder = temporaryFolder()
    const source = fixtureFolder('qwen2-tied-grouped')
    const file = await SafetensorsFile.open(join(source, 'model.safetensors'))
    const tensors = new Map<string, { shape: number[]; data: Float32Array }>()
    for (const name of file.names)
      tensors.set(name, { shape: [...file.info(name).shape], data: await file.readF32(name) })
    await file.close()
    change(tensors)
    await writeSafetensors(
      join(folder, 'model.safetensors'),
      [...tensors].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }] as const),
    )
    cpSync(join(source, 'config.json'), join(folder, 'config.json'))
    return folder
  }

  test('names a missing tensor', async () => {
    const folder = await broken((tensors) => tensors.delete('model.layers.1.mlp.up_proj.weight'))
    await expect(loadDecoder(folder)).rejects.toThrow(/lacks tensor "model.layers.1.mlp.up_proj.weight"/)
  })

  test('names an unexpected tensor', async () => {
    const folder = await broken((tensors) => tensors.set('model.extra', { shape: [1], data: Float32Array.of(1) }))
    await expect(loadDecoder(folder)).rejects.toThrow(/no place for: tensor "model.extra"/)
  })

  test('names a misshapen tensor with both shapes', async () => {
    const folder = await broken((tensors) =>
      tensors.set('model.norm.weight', { shape: [2, 16], data: new Float32Array(32) }),
    )
    await expect(loadDecoder(folder)).rejects.toThrow(
      /"model.norm.weight": expected \[32\], as config.json says, got \[2, 16\]/,
    )
  })

  test('a copy of a tied head is no surprise', async () => {
    const folder = await broken((tensors) =>
      tensors.set('lm_head.weight', tensors.get('model.embed_tokens.weight') as never),
    )
    using model = await loadDecoder(folder)
    expect(model.head).toBe(model.embedding.weight)
  })

  test('a folder without config.json says so', async () => {
    await expect(loadDecoder(temporaryFolder())).rejects.toThrow(/config.json/)
  })
})

describe('config.json', () => {
  const base = JSON.parse(readFileSync(join(fixtureFolder('qwen2-tied-grouped'), 'config.json'), 'utf8'))
  const parse = (change: object) => parseDecoderConfig(JSON.stringify({ ...base, ...change }), 'config.json').config

  test.each([
    [{ use_sliding_window: true }, /config.json, use_sliding_window: expected false, got true/],
    [{ model_type: 'mamba' }, /config.json, model_type: expected one of "llama", "qwen2", "qwen3", got "mamba"/],
    [
      { layer_types: ['full_attention', 'sliding_attention'] },
      /layer_types: expected "full_attention" for every layer/,
    ],
    [{ hidden_act: 'gelu' }, /config.json, hidden_act: expected "silu", got "gelu"/],
  ])('%j is unsupported and says where', (change, message) => {
    expect(() => parse(change)).toThrow(message)
    expect(() => parse(change)).toThrow(expect.objectContaining({ code: 'UnsupportedError' }))
  })

  test.each([
    [{ hidden_size: 'wide' }, /config.json, hidden_size: /],
    [{ vocab_size: -1 }, /config.json, vocab_size: /],
    [{ hidden_size: 33 }, /config.json, hidden_size: expected a multiple of num_attention_heads 4, got 33/],
    [
      { num_key_value_heads: 3 },
      /config.json, num_key_value_heads: expected a divisor of num_attention_heads 4, got 3/,
    ],
  ])('%j is wrong and says where', (change, message) => {
    expect(() => parse(change)).toThrow(message)
    expect(() => parse(change)).toThrow(expect.objectContaining({ code: 'FileFormatError' }))
  })

  test('what is not JSON says so', () => {
    expect(() => parseDecoderConfig('{', 'config.json')).toThrow(/config.json: not JSON/)
  })
})

test('an abort in the midst of a save leaves what was there, and nothing temporary', async () => {
  using held = await loadDecoder(fixtureFolder('qwen2-tied-grouped'))
  const home = temporaryFolder()
  await saveModel(join(home, 'old'), { model: held })
  const before = readFileSync(join(home, 'old/model.safetensors'))
  for (const name of ['new', 'old']) {
    const controller = new AbortController()
    const first = held.embedding.weight
    const read = vi.spyOn(first, 'toArray').mockImplementation(() => {
      controller.abort(new Error('stopped'))
      return Object.getPrototypeOf(first).toArray.call(first)
    })
    const saving = saveModel(join(home, name), { model: held, signal: controller.signal })
    await expect(saving).rejects.toThrow('stopped')
    read.mockRestore()
  }
  expect(readdirSync(home)).toEqual(['old'])
  expect(readdirSync(join(home, 'old')).sort()).toEqual(['config.json', 'model.safetensors'])
  expect(readFileSync(join(home, 'old/model.safetensors')).equals(before)).toBe(true)
})

describe('createModel', () => {
  const { config } = parseDecoderConfig(
    readFileSync(join(fixtureFolder('qwen2-untied-equal-heads'), 'config.json'), 'utf8'),
    'c',
  )

  test('the same seed gives the same model, another seed another', async () => {
    using a = createModel(config, { seed: 1 })
    using b = createModel(config, { seed: 1 })
    using c = createModel(config, { seed: 2 })
    expect(await valuesOf(b)).toEqual(await valuesOf(a))
    expect(await valuesOf(c)).not.toEqual(await valuesOf(a))
  })

  test('weights are normal with the configured deviation, biases 0 and norms 1', async () => {
    using model = createModel(config, { seed: 1 })
    const values = [...(await model.embedding.weight.toArray())]
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)
    expect(deviation).toBeGreaterThan(0.9 * config.initializerRange)
    expect(deviation).toBeLessThan(1.1 * config.initializerRange)
    expect(new Set(await model.norm.weight.toArray())).toEqual(new Set([1]))
    const [layer] = model.layers
    expect(new Set(await layer?.attention.query.bias?.toArray())).toEqual(new Set([0]))
    expect((await noGrad(() => model.forward(pack([[1, 2, 3]]))).toArray()).every(Number.isFinite)).toBe(true)
  })
})
