// Gradients add up in float32, whatever the weights are held in.
import { expect, test } from 'vitest'
import { accumulateGradients } from '../../lib/grpo/objective.js'
import { createModel, type Decoder, type Tensor } from '../../lib/index.js'
import { applyLora } from '../../lib/models/lora/apply.js'
import { fullRunShape } from './rehearsal/run-of-full-answers.js'

const sizes = { maxPositions: 64, normEpsilon: 1e-6, ropeTheta: 1e4, initializerRange: 0.2 }

const samples = Array.from({ length: 24 }, (_, i) => {
  const tokens = (count: number) => Array.from({ length: count }, (_, t) => (3 * t + i) % 10)
  const answerTokens = tokens(5 + (i % 7))
  const advantage = i % 2 === 0 ? 1 : -0.5
  return { promptTokens: tokens(4), answerTokens, rolloutLogprobs: answerTokens.map(() => -2), advantage }
})

async function gradientsOf(trained: Tensor[], model: Decoder, maxTokens: number): Promise<Float32Array[]> {
  const objective = { temperature: 1, clipHigh: Number.POSITIVE_INFINITY, clipLow: 1 }
  await accumulateGradients(model, samples, objective, { maxTokens, mustBeOnPolicy: false })
  return Promise.all(
    trained.map(async (parameter) => {
      const { grad } = parameter
      expect(grad?.dtype).toBe('f32')
      const values = (await grad?.toArray()) as Float32Array
      grad?.dispose()
      parameter.grad = null
      return values
    }),
  )
}

test.each(['f32', 'bf16'] as const)(
  'a micro-batch for each sample gives the gradients of one for all to float32 rounding, weights in %s',
  async (dtype) => {
    using model = createModel({ ...fullRunShape, ...sizes }, { seed: 1, dtype })
    if (dtype === 'bf16') applyLora(model, { rank: 4, alpha: 8 })
    const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad)
    const whole = await gradientsOf(trained, model, 10_000)
    const parts = await gradientsOf(trained, model, 1)
    whole.forEach((expected, p) => {
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (parts[p]?.[i] as number))), 0)
      expect(worst).toBeLessThanOrEqual(2e-6 * scale)
    })
  },
)
