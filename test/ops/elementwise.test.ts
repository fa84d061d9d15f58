import { describe, expect, test } from 'vitest'
import { ops, type Tensor, tensor } from '../../lib/index.js'
import { gradcheck, randomTensor } from '../reference/gradcheck.js'

type Unary = (x: Tensor) => Tensor
type Binary = (a: Tensor, b: ops.Operand) => Tensor

const unary: [name: string, op: Unary, f: (x: number) => number, low: number, high: number][] = [
  ['neg', ops.neg, (x) => -x, -2, 2],
  ['exp', ops.exp, Math.exp, -2, 2],
  ['log', ops.log, Math.log, 0.5, 3],
  ['sqrt', ops.sqrt, Math.sqrt, 0.5, 3],
  ['abs', ops.abs, Math.abs, 0.1, 2],
  ['abs of negatives', ops.abs, Math.abs, -2, -0.1],
  ['square', ops.square, (x) => x * x, -2, 2],
  ['sigmoid', ops.sigmoid, (x) => 1 / (1 + Math.exp(-x)), -3, 3],
  ['tanh', ops.tanh, Math.tanh, -2, 2],
  ['relu of positives', ops.relu, (x) => x, 0.1, 2],
  ['relu of negatives', ops.relu, () => 0, -2, -0.1],
  ['clamp inside', (x) => ops.clamp(x, -1, 1), (x) => x, -0.9, 0.9],
  ['clamp outside', (x) => ops.clamp(x, -1, 1), () => 1, 1.1, 2],
  ['add of a number', (x) => ops.add(x, 3), (x) => x + 3, -2, 2],
  ['sub of a number', (x) => ops.sub(x, 3), (x) => x - 3, -2, 2],
  ['mul by a number', (x) => ops.mul(x, 3), (x) => x * 3, -2, 2],
  ['div by a number', (x) => ops.div(x, 3), (x) => x / 3, -2, 2],
  ['maximum with a number', (x) => ops.maximum(x, 0), (x) => x, 0.1, 2],
]

describe.each(unary)('%s', (name, op, f, low, high) => {
  test('has the values of its formula and their gradient', async () => {
    const x = randomTensor(name, [3, 5], { low, high })
    const [values, input] = [await op(x).toArray(), await x.toArray()]
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(f(input[i] as number), 5)
    })
    await gradcheck(op, [x])
  })
})

const binary: [name: string, op: Binary, f: (a: number, b: number) => number][] = [
  ['add', ops.add, (a, b) => a + b],
  ['sub', ops.sub, (a, b) => a - b],
  ['mul', ops.mul, (a, b) => a * b],
  ['div', ops.div, (a, b) => a / b],
  ['maximum', ops.maximum, Math.max],
  ['minimum', ops.minimum, Math.min],
]

describe.each(binary)('%s', (name, op, f) => {
  test.each([[[4, 3]], [[3]], [[]], [[4, 1]]])('broadcasts b of shape %j and sums its gradient back', async (shape) => {
    const a = randomTensor(`${name} a`, [4, 3], { low: 0.5, high: 2 })
    const b = randomTensor(`${name} b${shape.length}`, shape, { low: 0.5, high: 2 })
    const [values, left, right] = await Promise.all([op(a, b).toArray(), a.toArray(), b.toArray()])
    values.forEach((value, i) => {
      const j = shape.length === 0 ? 0 : shape.length === 1 ? i % 3 : shape[1] === 1 ? Math.floor(i / 3) : i
      expect(value).toBeCloseTo(f(left[i] as number, right[j] as number), 5)
    })
    await gradcheck(op, [a, b])
  })

  test('refuses shapes that do not broadcast', () => {
    expect(() => op(tensor([1, 2]), tensor([1, 2, 3]))).toThrow()
  })
})

describe('comparisons and where', () => {
  test('give 1 or 0 and no gradient', async () => {
    const a = tensor([1, 2, 3], { requiresGrad: true })
    const results = [ops.greater, ops.greaterEqual, ops.less, ops.lessEqual, ops.equal].map((op) => op(a, 2))
    expect(results.some((result) => result.requiresGrad)).toBe(false)
    expect(await Promise.all(results.map(async (result) => [...(await result.toArray())]))).toEqual([
      [0, 0, 1],
      [0, 1, 1],
      [1, 0, 0],
      [1, 1, 0],
      [0, 1, 0],
    ])
  })

  test('where passes each gradient to the value it picked, and keeps the NaN of the other out', async () => {
    const condition = tensor([1, 0, 1])
    const a = tensor([1, Number.NaN, 3], { requiresGrad: true })
    const b = tensor([4, 5, Number.NaN], { requiresGrad: true })
    const y = ops.where(condition, a, b)
    expect(await y.toArray()).toEqual(Float32Array.of(1, 5, 3))
    y.backward(tensor([1, 2, 3]))
    expect(await a.grad?.toArray()).toEqual(Float32Array.of(1, 0, 3))
    expect(await b.grad?.toArray()).toEqual(Float32Array.of(0, 2, 0))
  })
})

describe('in place', () => {
  test('fill, copy and accumulate write into their target', async () => {
    const x = tensor([1, 2])
    ops.accumulate(x, tensor([10, 10]))
    expect(await x.toArray()).toEqual(Float32Array.of(11, 12))
    ops.copy(x, tensor([5, 6]))
    ops.fill(x.slice(0, 1), 7)
    expect(await x.toArray()).toEqual(Float32Array.of(7, 6))
  })

  test('copyRows copies rows in order', async () => {
    const x = tensor([[1, 1], [2, 2], [3, 3]]) // biome-ignore format: a matrix
    const rows = (values: number[]) => tensor(values, { dtype: 'i32' })
    ops.copyRows(x, { from: rows([0, 2]), to: rows([2, 1]) })
    expect(await x.toArray()).toEqual(Float32Array.of(1, 1, 1, 1, 1, 1))
  })

  test('cast changes the dtype and casts the gradient back', async () => {
    const x = tensor([1.5, -2.25], { requiresGrad: true })
    const y = ops.cast(x, 'bf16')
    expect([y.dtype, await y.toArray()]).toEqual(['bf16', Float32Array.of(1.5, -2.25)])
    ops.sum(ops.cast(y, 'f32')).backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(1, 1))
    expect(ops.cast(x, 'i32').requiresGrad).toBe(false)
  })
})
