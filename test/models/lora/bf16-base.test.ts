// A frozen base in bf16: every bit of rollout and training is the one of a base in f32 that holds the same values.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { zeros } from '../../../lib/create.js'
import { memoryStats } from '../../../lib/device.js'
import { accumulateGradients } from '../../../lib/grpo/objective.js'
import { copyModel } from '../../../lib/models/copy.js'
import { createModel } from '../../../lib/models/create.js'
import { Decoder } from '../../../lib/models/decoder.js'
import { loadDecoder, weightsOf } from '../../../lib/models/load.js'
import { adapterTensors, applyLora } from '../../../lib/models/lora/apply.js'
import { shareBase } from '../../../lib/models/lora/share-base.js'
import { pack } from '../../../lib/models/pack.js'
import { saveModel } from '../../../lib/models/save.js'
import { RolloutEngine } from '../../../lib/rollout/engine.js'
import { noGrad } from '../../../lib/tape.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { codec, packedLogprobs, randomPrompts, tinyModel } from '../../rollout/tiny-model.js'
import { fixtureFolder } from '../fixtures.js'
import { learnSomething } from './adapters.js'

const lora = { rank: 3, alpha: 6 }
const options = { numAnswers: 4, maxResponseTokens: 10, temperature: 1.1, seed: 3 }
const hiddenOf = async (model: Decoder) => Array.from(await noGrad(() => model.forward(pack([[3, 1, 4]]))).toArray())

function withAdapters(model: Decoder): Decoder {
  applyLora(model, lora)
  learnSomething(model)
  return model
}

/** Its twin in f32, with the same values. */
async function widened(model: Decoder): Promise<Decoder> {
  const twin = createModel(model.config, { seed: 9 })
  for (const [name, weight] of weightsOf(twin)) weight.write(await (weightsOf(model).get(name) ?? weight).toArray())
  applyLora(twin, lora)
  for (const [name, tensor] of adapterTensors(twin))
    tensor.write(await (adapterTensors(model).get(name) ?? tensor).toArray())
  return twin
}

async function rollout(model: Decoder) {
  const engine = new RolloutEngine(model, codec)
  const groups = []
  for await (const group of engine.generate(randomPrompts([3, 16]), options)) groups.push(group)
  engine.release()
  return groups.flatMap(({ promptTokens, answers }) => answers.map((answer) => ({ promptTokens, ...answer })))
}

describe.each([true, false])('a base in bf16 (tied head: %s)', (isHeadTied) => {
  const { config } = tinyModel(1, { isHeadTied })
  const narrow = () => withAdapters(createModel(config, { seed: 1, dtype: 'bf16' }))

  it('keeps its matrices in bf16, its norms and biases in f32', () => {
    using model = narrow()
    for (const [name, { shape, dtype }] of weightsOf(model))
      expect([name, dtype]).toEqual([name, shape.length > 1 ? 'bf16' : 'f32'])
  })

  it('decodes and scores with the bits of its values in f32', async () => {
    using model = narrow()
    using twin = await widened(model)
    const answers = await rollout(model)
    expect(await rollout(twin)).toEqual(answers)
    const scored = await packedLogprobs(model, answers, options.temperature)
    expect(scored).toEqual(answers.map(({ rolloutLogprobs }) => [...rolloutLogprobs]))
  })

  it.each([true, false])('teaches its adapters the same gradients (useRecompute: %s)', async (useRecompute) => {
    using model = narrow()
    using twin = await widened(model)
    const samples = (await rollout(model)).map(({ promptTokens, tokens, rolloutLogprobs }, i) => {
      return { promptTokens, answerTokens: tokens, rolloutLogprobs, advantage: i % 2 === 0 ? 1 : -1 }
    })
    const gradients = async (of: Decoder) => {
      const pass = { maxTokens: 100, mustBeOnPolicy: true, useRecompute }
      await accumulateGradients(of, samples, { temperature: options.temperature, entropyWeight: 0.01 }, pass)
      return Promise.all(
        [...adapterTensors(of).values()].map(async ({ grad }) => Array.from((await grad?.toArray()) ?? [])),
      )
    }
    const expected = await gradients(twin)
    expect(expected.flat().some((value) => value !== 0)).toBe(true)
    expect(await gradients(model)).toEqual(expected)
  })

  it('is shared with a reference, and copied', async () => {
    using model = narrow()
    const expected = await hiddenOf(model)
    using shared = shareBase(model)
    using copied = copyModel(model)
    expect(await hiddenOf(shared)).toEqual(expected)
    expect(await hiddenOf(copied)).toEqual(expected)
  })
})

it('takes half the memory, packed panels included', async () => {
  const bytesOf = async (dtype: 'f32' | 'bf16') => {
    const before = memoryStats().usedBytes
    const { config: small } = tinyModel(1)
    const shape = { width: 512, headSize: 128, feedForwardWidth: 1024, vocabularySize: 512 }
    const init = Object.assign((shape: readonly number[]) => zeros(shape, { dtype }), { vectorDtype: 'f32' as const })
    using model = new Decoder({ ...small, ...shape }, { init })
    applyLora(model, { rank: 1, alpha: 1, targets: ['query'] })
    await hiddenOf(model)
    return memoryStats().usedBytes - before
  }
  const [wide, narrow] = [await bytesOf('f32'), await bytesOf('bf16')]
  expect(narrow).toBeLessThan(0.55 * wide)
})

it('is read from a folder, and comes back from the merged one with its own bits where no adapter is', async () => {
  using model = await loadDecoder(fixtureFolder('qwen2-tied-bf16'), { dtype: 'bf16', vectorDtype: 'f32' })
  applyLora(model, { ...lora, targets: ['up'] })
  learnSomething(model)
  const folder = join(temporaryFolder(), 'merged')
  await saveModel(folder, { model, merge: true })
  using merged = await loadDecoder(folder, { dtype: 'bf16', vectorDtype: 'f32' })
  for (const [name, weight] of weightsOf(merged)) {
    const before = Array.from((await weightsOf(model).get(name)?.toArray()) ?? [])
    const after = Array.from(await weight.toArray())
    if (name.includes('up_proj')) expect(after).not.toEqual(before)
    else expect([name, after]).toEqual([name, before])
  }
})
