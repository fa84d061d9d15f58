// Dropout on the inputs of adapters: the same elements again whenever a pass is made again, and none where no call is given.
import { describe, expect, it } from 'vitest'
import { createModel } from '../../../lib/models/create.js'
import type { Decoder } from '../../../lib/models/decoder.js'
import { applyLora, trainableWeightsOf } from '../../../lib/models/lora/apply.js'
import { pack } from '../../../lib/models/pack.js'
import type { DropoutCall } from '../../../lib/ops/dropout.js'
import { mean, mul, square } from '../../../lib/ops/index.js'
import { scope } from '../../../lib/scope.js'
import { tinyModel } from '../../rollout/tiny-model.js'
import { learnSomething } from './adapters.js'

const sequences = [
  [3, 1, 4, 1, 5, 9],
  [2, 6, 5],
]

function modelWith(dropout: number): Decoder {
  const model = createModel(tinyModel(1).config, { seed: 1 })
  applyLora(model, { rank: 3, alpha: 6, dropout })
  learnSomething(model)
  return model
}

async function gradients(model: Decoder, options: { dropout?: DropoutCall; useRecompute?: boolean }) {
  using loss = scope(() => {
    const loss = mean(mul(square(model.forward(pack(sequences), options)), 3))
    loss.backward()
    return loss
  })
  const values = [Array.from(await loss.toArray())]
  for (const weight of trainableWeightsOf(model).values()) {
    values.push(Array.from(await (weight.grad as NonNullable<typeof weight.grad>).toArray()))
    weight.grad = null
  }
  return values
}

describe('dropout of adapters', () => {
  it('is the same when the layers are computed again, and another with every call', async () => {
    using model = modelWith(0.3)
    const dropout = { seed: 4, call: 7 }
    const expected = await gradients(model, { dropout })
    expect(await gradients(model, { dropout, useRecompute: true })).toEqual(expected)
    expect(await gradients(model, { dropout: { seed: 4, call: 8 } })).not.toEqual(expected)
    expect(await gradients(model, {})).not.toEqual(expected)
  })

  it('drops nothing without a call, nor at a rate of 0', async () => {
    using model = modelWith(0.3)
    using without = modelWith(0)
    learnSomething(model)
    for (const [name, weight] of trainableWeightsOf(without))
      weight.write((await trainableWeightsOf(model).get(name)?.toArray()) as Float32Array)
    const expected = await gradients(without, {})
    expect(await gradients(without, { dropout: { seed: 1, call: 1 } })).toEqual(expected)
    expect(await gradients(model, {})).toEqual(expected)
  })
})
