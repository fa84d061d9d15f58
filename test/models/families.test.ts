// What sets the families apart: biases, norms, sizes of heads, and the class that a saved folder names.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createModel, type Decoder, loadDecoder, noGrad, pack, parseDecoderConfig, saveModel } from '../../lib/index.js'
import { weightsOf } from '../../lib/models/load.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fixtureFolder } from './fixtures.js'

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const jsonOf = (name: Parameters<typeof fixtureFolder>[0]) => readJson(join(fixtureFolder(name), 'config.json'))
const parse = (json: object) => parseDecoderConfig(JSON.stringify(json), 'config.json').config
const hiddenOf = (model: Decoder) => noGrad(() => model.forward(pack([[1, 2, 3, 4]]))).toArray()

const families = [
  { family: 'llama', folder: 'llama-untied-llama3', architecture: 'LlamaForCausalLM', ofAttention: [] },
  {
    family: 'qwen2',
    folder: 'qwen2-untied-f16',
    architecture: 'Qwen2ForCausalLM',
    ofAttention: ['k_proj.bias', 'q_proj.bias', 'v_proj.bias'],
  },
  {
    family: 'qwen3',
    folder: 'qwen3-untied-yarn',
    architecture: 'Qwen3ForCausalLM',
    ofAttention: ['k_norm.weight', 'q_norm.weight'],
  },
] as const

describe.each(families)('$family', ({ family, folder, architecture, ofAttention }) => {
  const config = { ...parse(jsonOf(folder)), headSize: 24, initializerRange: 0.3 }

  test('has its own biases and norms', () => {
    using model = createModel(config, { seed: 1 })
    const prefix = 'model.layers.1.self_attn.'
    const projections = ['k_proj', 'o_proj', 'q_proj', 'v_proj'].map((name) => `${name}.weight`)
    const names = [...weightsOf(model).keys()].filter((name) => name.startsWith(prefix))
    expect(names.map((name) => name.slice(prefix.length)).sort()).toEqual([...projections, ...ofAttention].sort())
  })

  test('a created model comes back from its folder, heads and rotary scaling included', async () => {
    using model = createModel(config, { seed: 1 })
    const target = join(temporaryFolder(), 'model')
    await saveModel(target, { model })
    expect(readJson(join(target, 'config.json'))).toMatchObject({
      architectures: [architecture],
      model_type: family,
      head_dim: 24,
    })
    using again = await loadDecoder(target)
    expect(again.config).toEqual(config)
    expect(await hiddenOf(again)).toEqual(await hiddenOf(model))
  })

  test('a loaded model is saved as a causal language model of its family', async () => {
    using model = await loadDecoder(fixtureFolder(folder))
    const { architectures: _, ...json } = model.json
    using bare = createModel(model.config, { seed: 1 })
    Object.assign(bare, { json: { ...json, architectures: ['SomethingForSequenceClassification'] } })
    const target = join(temporaryFolder(), 'model')
    await saveModel(target, { model: bare })
    expect(readJson(join(target, 'config.json'))).toMatchObject({ architectures: [architecture], model_type: family })
  })
})

test('a configuration without a family is one of Qwen2', async () => {
  const { family, ...config } = parse(jsonOf('qwen2-untied-equal-heads'))
  using named = createModel({ family, ...config }, { seed: 1 })
  using unnamed = createModel(config, { seed: 1 })
  expect(await hiddenOf(unnamed)).toEqual(await hiddenOf(named))
})

test('the norms of queries and keys begin at 1 and matter', async () => {
  using model = createModel(parse(jsonOf('qwen3-tied')), { seed: 1 })
  const attention = model.layers[0]?.attention
  expect(new Set(await attention?.queryNorm?.weight.toArray())).toEqual(new Set([1]))
  const before = await hiddenOf(model)
  attention?.keyNorm?.weight.write(new Float32Array(16).fill(2))
  expect(await hiddenOf(model)).not.toEqual(before)
})

describe('config.json', () => {
  test('a Qwen3 without head_dim has heads of 128; the others share the width', () => {
    const { head_dim: _, ...json } = jsonOf('qwen3-tied')
    expect(parse(json).headSize).toBe(128)
    expect(parse(jsonOf('llama-tied')).headSize).toBe(8)
    expect(parse({ ...jsonOf('llama-tied'), head_dim: 16 }).headSize).toBe(16)
  })

  test.each([
    ['llama-tied', 'attention_bias'],
    ['llama-tied', 'mlp_bias'],
    ['qwen3-tied', 'attention_bias'],
    ['qwen3-tied', 'use_sliding_window'],
  ] as const)('%s with %s is unsupported and says where', (name, key) => {
    const json = { ...jsonOf(name), [key]: true }
    expect(() => parse(json)).toThrow(`config.json, ${key}: expected false, got true`)
    expect(() => parse(json)).toThrow(expect.objectContaining({ code: 'UnsupportedError' }))
  })

  test('another kind of model is told so before anything is missed', () => {
    expect(() => parse({ model_type: 'gpt2', n_embd: 768 })).toThrow(
      /expected one of "llama", "qwen2", "qwen3", got "gpt2"/,
    )
    expect(() => parse({ model_type: 'toString' })).toThrow(/got "toString"/)
    expect(() => parse({})).toThrow(/config.json, model_type: /)
  })

  test('weights of another family are named', async () => {
    const folder = join(temporaryFolder(), 'model')
    using model = await loadDecoder(fixtureFolder('qwen2-tied-grouped'))
    await saveModel(folder, { model })
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...model.json, model_type: 'llama' }))
    await expect(loadDecoder(folder)).rejects.toThrow(/no place for: tensor "model.layers.0.self_attn.[kqv]_proj.bias"/)
  })
})
