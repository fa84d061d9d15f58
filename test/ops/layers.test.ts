import { describe, expect, test } from 'vitest'
import { device, ops, type Tensor, tensor } from '../../lib/index.js'
import { gradcheck, randomTensor } from '../reference/gradcheck.js'

const ints = (values: number[]) => tensor(values, { dtype: 'i32' })

describe('linear', () => {
  test.each([[[3, 5]], [[2, 3, 5]]])('has the gradient of its formula for x of shape %j', async (shape) => {
    const inputs = [randomTensor('x', shape), randomTensor('weight', [7, 5]), randomTensor('bias', [7])]
    await gradcheck((x, weight, bias) => ops.linear(x, weight, bias), inputs)
    await gradcheck((x, weight) => ops.linear(x, weight), inputs.slice(0, 2))
  })

  test('computes only the gradients that are needed', async () => {
    const x = tensor([[1, 2]])
    const weight = randomTensor('weight', [2, 2])
    ops.sum(ops.linear(x, weight)).backward()
    expect(x.grad).toBeNull()
    expect(await weight.grad?.toArray()).toEqual(Float32Array.of(1, 2, 1, 2))
  })
})

describe('embedding, gatherRows and scatterAddRows', () => {
  test('pick rows and add their gradients where a row was picked twice', async () => {
    const table = randomTensor('table', [5, 3])
    await gradcheck((weight) => ops.embedding(weight, ints([4, 0, 4])), [table])
    await gradcheck((x) => ops.gatherRows(x, ints([4, 0, 4])), [table])
    await gradcheck((x) => ops.scatterAddRows(x, ints([6, 0, 6, 1, 2]), 8), [table])
  })

  test('a row that does not exist fails the op when it runs', async () => {
    const table = randomTensor('table', [5, 3])
    await expect(ops.embedding(table, ints([5])).toArray()).rejects.toThrow(/embedding/)
    await expect(ops.gatherRows(table, ints([-1])).toArray()).rejects.toThrow(/gather_rows/)
  })
})

test('rmsNorm has the gradient of its formula', async () => {
  const inputs = [randomTensor('x', [4, 9]), randomTensor('weight', [9])]
  await gradcheck((x, weight) => ops.rmsNorm(x, weight, { epsilon: 1e-3 }), inputs)
})

test('rope turns pairs by the tables, and back in backward', async () => {
  const angles = [0, 0.5, 1, 1.5, 2, 2.5]
  const tables = {
    cos: tensor(angles.map(Math.cos), { shape: [3, 2] }),
    sin: tensor(angles.map(Math.sin), { shape: [3, 2] }),
  }
  const x = randomTensor('x', [4, 2, 4])
  await gradcheck((value) => ops.rope(value, ints([0, 2, 1, 2]), tables), [x])
})

test('swiglu has the gradient of its formula', async () => {
  const inputs = [randomTensor('gate', [3, 7], { low: -3, high: 3 }), randomTensor('up', [3, 7])]
  await gradcheck((gate, up) => ops.swiglu(gate, up), inputs)
})

describe('attention', () => {
  test.each([
    { isCausal: true, lengths: [3, 1, 4] },
    { isCausal: false, lengths: [5, 3] },
  ])('has the gradient of its formula: %j', async ({ isCausal, lengths }) => {
    const [heads, kvHeads, size] = [4, 2, 8]
    const inputs = [
      randomTensor('q', [8, heads, size]),
      randomTensor('k', [8, kvHeads, size]),
      randomTensor('v', [8, kvHeads, size]),
    ]
    const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b))
    const options = { cuSeqlens: ints([0, ...ends]), isCausal }
    await gradcheck((q, k, v) => ops.attention(q, k, v, options), inputs)
  })

  test('decoding against the paged cache gives the bits of the packed rows', async () => {
    const [length, heads, kvHeads, size, blockSize] = [21, 4, 2, 8, 16]
    const [q, k, v] = [
      ['q', heads],
      ['k', kvHeads],
      ['v', kvHeads],
    ].map(([name, count]) => randomTensor(name as string, [length, count as number, size]).detach()) as [
      Tensor,
      Tensor,
      Tensor,
    ]
    const packed = await ops.attention(q, k, v, { cuSeqlens: ints([0, length]) }).toArray()
    const cache = {
      k: tensor(new Float32Array(3 * kvHeads * size * blockSize), { shape: [3, kvHeads, size, blockSize] }),
      v: tensor(new Float32Array(3 * kvHeads * size * blockSize), { shape: [3, kvHeads, blockSize, size] }),
    }
    const slots = Array.from({ length }, (_, i) => (i < 16 ? 32 + i : i - 16)) // block 2, then block 0
    ops.pagedKvWrite(k, v, cache, ints(slots))
    const last = ops.pagedAttention(q.slice(length - 1, length), cache, {
      blockTables: tensor(Int32Array.of(2, 0), { shape: [1, 2] }),
      contextLengths: ints([length]),
    })
    expect(await last.toArray()).toEqual(packed.slice((length - 1) * heads * size))
  })
})

test('gradients have the same bits with one thread and two', async () => {
  const inputs = [randomTensor('x', [150, 40]), randomTensor('weight', [70, 40]), randomTensor('norm', [40])]
  const [x, weight, norm] = inputs as [Tensor, Tensor, Tensor]
  const before = device.numThreads()
  const run = async (numThreads: number) => {
    device.setNumThreads(numThreads)
    for (const input of inputs) input.grad = null
    ops.sum(ops.square(ops.linear(ops.rmsNorm(x, norm), weight))).backward()
    return Promise.all(inputs.map((input) => input.grad?.toArray()))
  }
  try {
    expect(await run(2)).toEqual(await run(1))
  } finally {
    device.setNumThreads(before)
  }
})
