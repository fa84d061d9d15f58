import { describe, expect, test } from 'vitest'
import { ops, tensor } from '../../lib/index.js'
import { gradcheck, randomTensor } from '../reference/gradcheck.js'

const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, i) => Array.from(values).slice(i * width, (i + 1) * width))
const total = (row: number[]) => row.reduce((a, b) => a + b, 0)

const overLast = [
  ['sumLast', ops.sumLast, total],
  ['meanLast', ops.meanLast, (row: number[]) => total(row) / row.length],
  ['maxLast', ops.maxLast, (row: number[]) => Math.max(...row)],
] as const

describe.each(overLast)('%s', (name, op, f) => {
  test.each([[[4, 3]], [[5]], [[2, 3, 17]], [[3, 1]]])('over shape %j', async (shape) => {
    const x = randomTensor(name, shape)
    const width = shape.at(-1) ?? 1
    const y = op(x)
    expect(y.shape).toEqual(shape.slice(0, -1))
    const expected = rowsOf(await x.toArray(), width).map(f)
    ;(await y.toArray()).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5)
    })
    await gradcheck(op, [x], { step: 2 ** -9 })
  })
})

const overAll = [
  ['sum', ops.sum, total],
  ['mean', ops.mean, (row: number[]) => total(row) / row.length],
  ['max', ops.max, (row: number[]) => Math.max(...row)],
] as const

describe.each(overAll)('%s', (name, op, f) => {
  test.each([[[4, 3]], [[5]], [[]], [[1, 1]]])('over shape %j', async (shape) => {
    const x = randomTensor(name, shape)
    const y = op(x)
    expect(y.shape).toEqual([])
    expect(await y.item()).toBeCloseTo(f([...(await x.toArray())]), 5)
    await gradcheck(op, [x], { step: 2 ** -9 })
  })
})

test('equal maxima share the gradient', async () => {
  const x = tensor([[3, 1, 3], [2, 2, 2]], { requiresGrad: true }) // biome-ignore format: a matrix
  ops.sum(ops.mul(ops.maxLast(x), tensor([6, 9]))).backward()
  expect(await x.grad?.toArray()).toEqual(Float32Array.of(3, 0, 3, 3, 3, 3))
})

test('expand repeats, and its gradient sums', async () => {
  const x = randomTensor('expand', [3])
  expect((await ops.expand(x, [2, 3]).toArray()).slice(3)).toEqual(await x.toArray())
  await gradcheck((value) => ops.expand(value, [2, 3]), [x])
})
