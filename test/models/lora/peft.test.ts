// Adapters of Python's peft: what it computes with them, and files both ways. test/fixtures/make_lora.py made them.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { SafetensorsFile } from '../../../lib/io/safetensors.js'
import { writeSafetensors } from '../../../lib/io/safetensors-write.js'
import type { Decoder } from '../../../lib/models/decoder.js'
import { loadDecoder } from '../../../lib/models/load.js'
import { adapterWeights, loadAdapter, saveAdapter } from '../../../lib/models/lora/adapter-folder.js'
import { applyLora } from '../../../lib/models/lora/apply.js'
import { pack } from '../../../lib/models/pack.js'
import { saveModel } from '../../../lib/models/save.js'
import { linear } from '../../../lib/ops/linear.js'
import { noGrad } from '../../../lib/tape.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { relativeError } from '../../reference/gradcheck.js'
import { crossEntropy } from '../cross-entropy.js'
import { type FixtureName, fixtureFolder, readExpectedIn } from '../fixtures.js'
import { learnSomething } from './adapters.js'

const folderOf = (name: string) => fileURLToPath(new URL(`../../fixtures/lora/${name}`, import.meta.url))
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const baseOf = (name: string) =>
  loadDecoder(fixtureFolder(readJson(join(folderOf(name), 'expected.json')).base as FixtureName))
const logitsOf = (model: Decoder, sequences: number[][]) =>
  noGrad(() => linear(model.forward(pack(sequences)), model.head)).toArray()

/** A copy of peft's folder with another configuration. */
function folderWith(change: object, name = 'every-projection'): string {
  const folder = join(temporaryFolder(), 'adapter')
  cpSync(folderOf(name), folder, { recursive: true })
  const file = join(folder, 'adapter_config.json')
  writeFileSync(file, JSON.stringify({ ...readJson(file), ...change }))
  return folder
}

describe.each(['every-projection', 'rank-stabilised'])('%s', (name) => {
  it('gives the logits, the loss and the gradients of peft', async () => {
    const { sequences, loss, logits, gradients } = await readExpectedIn(folderOf(name))
    using model = await baseOf(name)
    await loadAdapter(folderOf(name), { model })
    expect(relativeError(await logitsOf(model, sequences), logits)).toBeLessThan(1e-5)
    using ownLoss = crossEntropy(model, sequences)
    ownLoss.backward()
    expect(Math.abs((await ownLoss.item()) - loss) / loss).toBeLessThan(1e-5)
    const own = adapterWeights(model)
    expect([...own.keys()].sort()).toEqual([...gradients.keys()].sort())
    for (const [key, parameter] of own) {
      const gradient = await (parameter.grad as NonNullable<typeof parameter.grad>).toArray()
      expect(relativeError(gradient, gradients.get(key) as Float32Array), key).toBeLessThan(1e-5)
    }
    expect(model.parameters().filter(({ grad }) => grad !== null).length).toBe(own.size)
  })

  it('is saved with the tensors and the settings of the file it was read from', async () => {
    using model = await baseOf(name)
    await loadAdapter(folderOf(name), { model })
    const folder = join(temporaryFolder(), 'saved')
    await saveAdapter(folder, { model, base: 'some/base' })
    expect(readdirSync(folder).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
    const [theirs, ours] = await Promise.all(
      [folderOf(name), folder].map((f) => SafetensorsFile.open(join(f, 'adapter_model.safetensors'))),
    )
    expect(ours?.names).toEqual(theirs?.names)
    for (const key of theirs?.names ?? []) expect(await ours?.readBytes(key)).toEqual(await theirs?.readBytes(key))
    await Promise.all([theirs?.close(), ours?.close()])
    const [before, after] = [folderOf(name), folder].map((f) => readJson(join(f, 'adapter_config.json')))
    for (const [key, value] of Object.entries(after)) {
      if (key === 'base_model_name_or_path') expect(value).toBe('some/base')
      else if (key === 'target_modules') expect((value as string[]).sort()).toEqual(before[key].sort())
      else expect([key, value]).toEqual([key, before[key]])
    }
  })

  it('is merged into a checkpoint that computes nearly the same', async () => {
    const { sequences, logits } = await readExpectedIn(folderOf(name))
    using model = await baseOf(name)
    await loadAdapter(folderOf(name), { model })
    const folder = join(temporaryFolder(), 'merged')
    await saveModel(folder, { model, merge: true })
    using merged = await loadDecoder(folder)
    expect(merged.lora).toBeNull()
    expect(relativeError(await logitsOf(merged, sequences), logits)).toBeLessThan(1e-5)
  })
})

describe('a model with adapters', () => {
  it('is saved as its adapters alone, with the name of its base', async () => {
    using model = await baseOf('every-projection')
    applyLora(model, { rank: 2, alpha: 4, targets: ['up'] })
    learnSomething(model)
    const folder = join(temporaryFolder(), 'run/model')
    await saveModel(folder, { model, base: 'base' })
    expect(existsSync(join(folder, 'model.safetensors'))).toBe(false)
    using again = await baseOf('every-projection')
    await loadAdapter(folder, { model: again })
    const sequences = [[5, 6, 7, 8]]
    expect(await logitsOf(again, sequences)).toEqual(await logitsOf(model, sequences))
  })

  it('comes back from the folder of its adapters, which names the base', async () => {
    using model = await baseOf('every-projection')
    applyLora(model, { rank: 2, alpha: 4 })
    learnSomething(model)
    const folder = join(temporaryFolder(), 'model')
    await saveModel(folder, { model, base: fixtureFolder('qwen2-tied-grouped') })
    using again = await loadDecoder(folder)
    expect(await logitsOf(again, [[5, 6, 7]])).toEqual(await logitsOf(model, [[5, 6, 7]]))
    await saveModel(folder, { model, base: 'someone/base' })
    await expect(loadDecoder(folder)).rejects.toThrow(
      'adapter_config.json, base_model_name_or_path: expected the folder of the base model, got "someone/base"',
    )
  })

  it('takes the values of adapters of its own kind only', async () => {
    using model = await baseOf('every-projection')
    applyLora(model, { rank: 4, alpha: 6 })
    await loadAdapter(folderOf('every-projection'), { model })
    using other = await baseOf('every-projection')
    applyLora(other, { rank: 4, alpha: 8, targets: ['up', 'gate'] })
    await expect(loadAdapter(folderOf('every-projection'), { model: other })).rejects.toThrow(
      /^\[lora\] expected adapters of rank 4, alpha 8 on gate, up in .*adapter_config.json, got rank 4, alpha 6 on query, key/,
    )
  })

  it('is needed to save adapters', async () => {
    using model = await baseOf('every-projection')
    const folder = join(temporaryFolder(), 'none')
    await expect(saveAdapter(folder, { model })).rejects.toThrow('[lora] expected a model with adapters')
    expect(existsSync(folder)).toBe(false)
  })
})

describe('what peft can do and this cannot', () => {
  it.each([
    ['use_dora', true],
    ['bias', 'lora_only'],
    ['modules_to_save', ['lm_head']],
    ['layers_pattern', 'layers'],
    ['layers_to_transform', [0]],
    ['rank_pattern', { q_proj: 8 }],
    ['alpha_pattern', { q_proj: 8 }],
    ['fan_in_fan_out', true],
    ['init_lora_weights', 'pissa'],
    ['peft_type', 'IA3'],
    ['target_modules', 'all-linear'],
    ['target_modules', ['q_proj', 'lm_head']],
    ['a_key_of_a_later_version', { x: 1 }],
  ])('is an error that names %s', async (key, value) => {
    using model = await baseOf('every-projection')
    const loading = loadAdapter(folderWith({ [key]: value }), { model })
    await expect(loading).rejects.toMatchObject({ code: 'UnsupportedError' })
    await expect(loading).rejects.toThrow(`adapter_config.json, ${key}: expected `)
    expect(model.lora).toBeNull()
  })

  it('is an error about the file where the file is damaged', async () => {
    using model = await baseOf('every-projection')
    await expect(loadAdapter(folderWith({ r: 0 }), { model })).rejects.toThrow('adapter_config.json, r: ')
    const shapes = loadAdapter(folderWith({ r: 5 }), { model })
    await expect(shapes).rejects.toThrow(/expected \[5, 32\] for the model and the rank, got \[4, 32\]/)
    const fewer = loadAdapter(folderWith({ target_modules: ['q_proj'] }), { model })
    await expect(fewer).rejects.toThrow('the model has no place for it')
    const folder = folderWith({})
    await writeSafetensors(join(folder, 'adapter_model.safetensors'), [])
    await expect(loadAdapter(folder, { model })).rejects.toThrow(
      'lacks tensor "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"',
    )
    expect(model.lora).toBeNull()
  })
})
