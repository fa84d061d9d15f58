// A GRPO step as make_parity.py wrote it: given samples and rewards, and what PyTorch made of them.
import { expect } from 'vitest'
import type { Completion } from '../../lib/grpo/sample.js'
import type { Decoder } from '../../lib/models/decoder.js'
import { loadDecoder, weightsOf } from '../../lib/models/load.js'
import { AdamW } from '../../lib/optim/adamw.js'
import { type FixtureName, fixtureFolder } from '../models/fixtures.js'
import { readJson, readTensors, relativeError } from './compare.js'

export interface StepAnswer extends Completion {
  promptTokens: number[]
  answerTokens: number[]
  reward: number
  /** Given where the step is off policy. */
  rolloutLogprobs?: number[]
  referenceLogprobs?: number[]
}

export interface StepUpdate {
  loss: number
  gradientNorm: number
  /** Mean over the tokens. */
  ratio: number
}

export interface StepFixture {
  options: {
    model: FixtureName
    isOnPolicy: boolean
    temperature: number
    clipLow: number
    clipHigh: number
    aggregation: 'token' | 'sequence'
    klWeight: number
    entropyWeight: number
    learningRate: number
    weightDecay: number
    betas: [number, number]
    eps: number
    maxGradNorm: number
    passes: number
    /** The reference is the checkpoint with every weight times this. */
    referenceScale?: number
  }
  numMiniBatches: number
  groups: StepAnswer[][]
  updates: StepUpdate[]
}

export const readStep = (name: string): StepFixture => readJson<StepFixture>(`step-${name}.json`)

export const modelOf = ({ options }: StepFixture): Promise<Decoder> => loadDecoder(fixtureFolder(options.model))

export function optimizerOf(model: Decoder, { options }: StepFixture): AdamW {
  const { learningRate, weightDecay, eps: epsilon } = options
  const [beta1, beta2] = options.betas
  return new AdamW(model.parameters(), { learningRate, beta1, beta2, epsilon, weightDecay })
}

export type Weights = Map<string, Float32Array>

export const weightsIn = async (model: Decoder): Promise<Weights> =>
  new Map(
    await Promise.all(
      [...weightsOf(model)].map(async ([name, weight]) => [name, (await weight.toArray()) as Float32Array] as const),
    ),
  )

/** The weights are close, and so is what the step changed: it is small beside them. */
export async function expectWeights(name: string, model: Decoder, before: Weights): Promise<void> {
  const after = await weightsIn(model)
  const expected = await readTensors(`step-${name}.safetensors`)
  expect([...after.keys()].sort()).toEqual([...expected.keys()].sort())
  for (const [key, weight] of after) {
    const ofPytorch = expected.get(key) as Float32Array
    const start = before.get(key) as Float32Array
    expect(relativeError(weight, ofPytorch), key).toBeLessThan(1e-5)
    expect(distance(weight, ofPytorch) / distance(ofPytorch, start), key).toBeLessThan(1e-3)
  }
}

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0))
