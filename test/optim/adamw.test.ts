import { describe, expect, test } from 'vitest'
import { AdamW, ops, type Tensor, tensor } from '../../lib/index.js'
import type { SavedTensor } from '../../lib/optim/saved-moments.js'

const leaf = (values: number[], shape?: number[]) => tensor(values, { shape, requiresGrad: true })

/** Adam with decoupled decay in float64, from the paper's formula. */
function reference(p: number[], gradients: number[][], { lr = 0.1, decay = 0, clip = 0 } = {}): number[] {
  const [m, v] = [p.map(() => 0), p.map(() => 0)]
  let x = [...p]
  gradients.forEach((gradient, i) => {
    const norm = Math.hypot(...gradient)
    const factor = clip > 0 ? Math.min(1, clip / (norm + 1e-6)) : 1
    x = x.map((value, j) => {
      const g = (gradient[j] as number) * factor
      m[j] = 0.9 * (m[j] as number) + 0.1 * g
      v[j] = 0.999 * (v[j] as number) + 0.001 * g * g
      const step = (m[j] as number) / (1 - 0.9 ** (i + 1))
      const scale = Math.sqrt((v[j] as number) / (1 - 0.999 ** (i + 1))) + 1e-8
      return value * (1 - lr * decay) - (lr * step) / scale
    })
  })
  return x
}

async function expectClose(actual: Tensor, expected: number[]): Promise<void> {
  ;(await actual.toArray()).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 5)
  })
}

async function savedState(optimizer: AdamW): Promise<{ numSteps: number; tensors: Map<string, SavedTensor> }> {
  const { numSteps } = optimizer
  const read = [...optimizer.stateTensors()].map(async ([name, tensor]) => {
    const { shape, dtype } = tensor
    return [name, { shape, dtype, bytes: await tensor.readBytes() }] as const
  })
  return { numSteps, tensors: new Map(await Promise.all(read)) }
}

describe('AdamW', () => {
  const start = [1, -2, 3]
  const gradients = [
    [0.5, 1, -4],
    [0.1, -3, 2],
    [0, 1, 1],
  ]
  const run = (x: Tensor, optimizer: AdamW, options: { maxGradNorm?: number } = {}, list = gradients) =>
    list.map((gradient) => {
      optimizer.zeroGrad()
      ops.sum(ops.mul(x, tensor(gradient, { shape: [...x.shape] }))).backward()
      return optimizer.step(options)
    })

  test('follows the formula, with decay and clipping, and returns the norm before clipping', async () => {
    const x = leaf(start)
    const norms = run(x, new AdamW([x], { learningRate: 0.1, weightDecay: 0.5 }), { maxGradNorm: 1 })
    await expectClose(x, reference(start, gradients, { decay: 0.5, clip: 1 }))
    expect(await norms[0]?.item()).toBeCloseTo(Math.hypot(0.5, 1, 4), 5)
  })

  test('leaves vectors without decay where asked', async () => {
    const [vector, matrix] = [leaf(start), leaf(start, [1, 3])]
    const optimizer = new AdamW([vector, matrix], { learningRate: 0.1, weightDecay: 0.5, useDecayOnVectors: false })
    const gradient = tensor([1, 1, 1])
    ops.sum(ops.add(ops.mul(vector, gradient), ops.mul(matrix.reshape([3]), gradient))).backward()
    optimizer.step()
    await expectClose(vector, reference(start, [[1, 1, 1]]))
    await expectClose(matrix, reference(start, [[1, 1, 1]], { decay: 0.5 }))
  })

  test('the learning rate may change between steps, and reset starts anew', async () => {
    const x = leaf(start)
    const optimizer = new AdamW([x], { learningRate: 0.1, weightDecay: 0 })
    run(x, optimizer, {}, gradients.slice(0, 1))
    optimizer.reset()
    optimizer.learningRate = 0
    run(x, optimizer, {}, gradients.slice(1))
    await expectClose(x, reference(start, gradients.slice(0, 1)))
    expect(optimizer.numSteps).toBe(2)
  })

  test('exported state goes on bit for bit in another optimizer', async () => {
    const [a, b] = [leaf(start), leaf(start)]
    const first = new AdamW([a], { learningRate: 0.1 })
    run(a, first, {}, gradients.slice(0, 2))
    const second = new AdamW([b], { learningRate: 0.1 })
    b.write((await a.toArray()) as Float32Array)
    second.importState(await first.exportState())
    run(a, first, {}, gradients.slice(2))
    run(b, second, {}, gradients.slice(2))
    expect(await b.toArray()).toEqual(await a.toArray())
    expect(second.numSteps).toBe(3)
  })

  test('restored from the bytes of its own tensors it goes on bit for bit, whatever has happened in between', async () => {
    const [a, b] = [leaf(start), leaf(start, [1, 3])]
    b.name = 'head.weight'
    const optimizer = new AdamW([a, b], { learningRate: 0.1 })
    run(a, optimizer, {}, gradients.slice(0, 1))
    expect([...optimizer.stateTensors().keys()]).toEqual(['parameters.0.m', 'parameters.0.v'])
    run(b, optimizer, {}, gradients.slice(0, 1))
    const saved = await savedState(optimizer)
    expect(saved.tensors.get('head.weight.v')).toMatchObject({ shape: [1, 3], dtype: 'f32' })
    const before = await Promise.all([a.toArray(), b.toArray()])
    const goOn = async () => {
      run(a, optimizer, {}, gradients.slice(1))
      run(b, optimizer, {}, gradients.slice(1))
      return [optimizer.numSteps, await a.readBytes(), await b.readBytes(), (await savedState(optimizer)).tensors]
    }
    const first = await goOn()
    a.write(before[0] as Float32Array)
    b.write(before[1] as Float32Array)
    optimizer.restore(saved)
    expect(await goOn()).toEqual(first)
  })

  test('a state that is not its own is refused by name, and changes nothing', async () => {
    const x = leaf(start)
    const optimizer = new AdamW([x], { learningRate: 0.1 })
    run(x, optimizer, {}, gradients.slice(0, 1))
    const saved = await savedState(optimizer)
    const m = saved.tensors.get('parameters.0.m') as SavedTensor
    const refuse = (changed: Record<string, SavedTensor>, message: RegExp, left = saved.tensors) =>
      expect(() => optimizer.restore({ numSteps: 9, tensors: new Map([...left, ...Object.entries(changed)]) })).toThrow(
        message,
      )
    refuse({ 'head.m': m }, /expected moments of this optimizer's parameters, got head.m/)
    refuse({ 'parameters.0.m': m }, /expected all moments of parameters.0, got none as parameters.0.v/, new Map())
    refuse({ 'parameters.0.m': { ...m, dtype: 'i32' } }, /expected f32 \[3\] for parameters.0.m, got i32 \[3\]/)
    refuse({ 'parameters.0.m': { ...m, shape: [1, 3] } }, /expected f32 \[3\] for parameters.0.m, got f32 \[1, 3\]/)
    refuse({ 'parameters.0.m': { ...m, bytes: m.bytes.slice(4) } }, /expected 12 bytes for parameters.0.m, got 8/)
    expect(await savedState(optimizer)).toEqual(saved)
  })

  test('state of other parameters is refused by name', async () => {
    const optimizer = new AdamW([leaf(start)], { learningRate: 0.1 })
    const tensors = new Map([['head.m', new Float32Array(3)]])
    expect(() => optimizer.importState({ numSteps: 1, tensors })).toThrow(/got head.m/)
  })

  test('a step without gradients is an error', () => {
    expect(() => new AdamW([leaf(start)], { learningRate: 0.1 }).step()).toThrow(/call backward\(\) first/)
  })

  test('a norm that is not finite, or a poisoned gradient, changes no parameter', async () => {
    const x = leaf(start)
    const optimizer = new AdamW([x], { learningRate: 0.1 })
    const norms = run(x, optimizer, {}, [[Number.NaN, 1, 1]])
    expect(await norms[0]?.item()).toBeNaN()
    optimizer.zeroGrad()
    const bad = ops.gatherRows(x, tensor([9], { dtype: 'i32' }))
    ops.sum(ops.mul(x, ops.sum(bad))).backward()
    await expect(optimizer.step().item()).rejects.toThrow(/expected values in \[0, 3\) for indices/)
    expect(await x.toArray()).toEqual(Float32Array.from(start))
  })

  test('a parameter given twice is stepped once', async () => {
    const x = leaf(start)
    run(x, new AdamW([x, x], { learningRate: 0.1, weightDecay: 0 }), {}, gradients.slice(0, 1))
    await expectClose(x, reference(start, gradients.slice(0, 1)))
  })
})
