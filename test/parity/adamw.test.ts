// AdamW against torch.optim.AdamW and clip_grad_norm_ over 50 steps, both in float32: see make_parity.py.
import { describe, expect, test } from 'vitest'
import { AdamW, type Tensor, tensor } from '../../lib/index.js'
import { readJson, readTensors, relativeError } from './compare.js'

interface Case {
  name: string
  betas: [number, number]
  eps: number
  weightDecay: number
  /** 0: no clip. */
  maxGradNorm: number
  useDecayOnVectors: boolean
  /** Of each step. */
  learningRates: number[]
  gradientScales: number[]
  norms: number[]
}

const { shapes, strides, cases } = readJson<{
  shapes: Record<string, number[]>
  strides: Record<string, number>
  cases: Case[]
}>('adamw.json')
const expected = await readTensors('adamw.safetensors')
const names = Object.keys(shapes)

/** parity_adamw.py's number_at: exact in float32. */
const numberAt = (index: number, tensor: number, step: number): number =>
  (((index * 7919 + index * index * 31 + tensor * 104729 + step * 15485863) % 2003) - 1001) / 1024

function valuesOf(which: number, step: number, scale = 1): Tensor {
  const shape = shapes[names[which] as string] as number[]
  const count = shape.reduce((product, size) => product * size, 1)
  const values = Float32Array.from({ length: count }, (_, i) => numberAt(i, which, step) * scale)
  return tensor(values, { shape, requiresGrad: step === 0 })
}

async function keptOf(parameter: Tensor, name: string): Promise<Float32Array> {
  const values = (await parameter.toArray()) as Float32Array
  return values.filter((_, i) => i % (strides[name] ?? 1) === 0)
}

async function run(one: Case): Promise<{ parameters: Map<string, Float32Array>; norms: number[] }> {
  const leaves = names.map((_, which) => valuesOf(which, 0))
  using optimizer = new AdamW(leaves, {
    learningRate: 0,
    beta1: one.betas[0],
    beta2: one.betas[1],
    epsilon: one.eps,
    weightDecay: one.weightDecay,
    useDecayOnVectors: one.useDecayOnVectors,
  })
  const parameters = new Map<string, Float32Array>()
  const norms: number[] = []
  for (const [step, learningRate] of one.learningRates.entries()) {
    for (const [which, leaf] of leaves.entries()) leaf.grad = valuesOf(which, step + 1, one.gradientScales[step])
    optimizer.learningRate = learningRate
    norms.push(await optimizer.step({ maxGradNorm: one.maxGradNorm }).item())
    if ((step + 1) % 10 > 0) continue
    for (const [which, name] of names.entries())
      parameters.set(`${one.name}.${step + 1}.${name}`, await keptOf(leaves[which] as Tensor, name))
  }
  return { parameters, norms }
}

describe.each(cases.map((one) => [one.name, one] as const))('AdamW, %s', (_, one) => {
  test('has the parameters of PyTorch after every 10 steps, and its gradient norms before clipping', async () => {
    const { parameters, norms } = await run(one)
    expect(parameters.size).toBe(5 * names.length)
    for (const [key, values] of parameters)
      expect(relativeError(values, expected.get(key) as Float32Array), key).toBeLessThan(1e-6)
    norms.forEach((norm, step) => {
      expect(Math.abs(norm / (one.norms[step] as number) - 1), `step ${step}`).toBeLessThan(1e-6)
    })
  })
})

test('the cases that clip do so in some steps and not in others', () => {
  for (const { norms, maxGradNorm } of cases.filter(({ maxGradNorm }) => maxGradNorm > 0)) {
    const numClipped = norms.filter((norm) => norm > maxGradNorm).length
    expect(numClipped).toBeGreaterThan(10)
    expect(numClipped).toBeLessThan(40)
  }
})
