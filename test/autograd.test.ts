import { describe, expect, test } from 'vitest'
import {
  checkpoint,
  defineOp,
  device,
  noGrad,
  type OpDefinition,
  ops,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '../lib/index.js'
import { gradcheck, randomTensor } from './reference/gradcheck.js'

interface OddOp {
  inputs?: unknown[]
  forward?: () => unknown
  backward?: () => unknown
}

const leaf = (values: number[]) => tensor(values, { requiresGrad: true })

describe('backward', () => {
  test('gradients add up in a leaf that is used twice, and over two backwards', async () => {
    const x = leaf([2, 3])
    ops.sum(ops.add(ops.mul(x, x), x)).backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(5, 7))
    ops.sum(x).backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(6, 8))
  })

  test('a gradient passed on to two leaves is not shared between them', async () => {
    const a = leaf([1, 1])
    const b = leaf([1, 1])
    const dy = tensor([1, 2])
    ops.add(a, b).backward(dy)
    ops.mul(a, 10).backward(dy)
    expect(await a.grad?.toArray()).toEqual(Float32Array.of(11, 22))
    expect(await b.grad?.toArray()).toEqual(Float32Array.of(1, 2))
    expect(await dy.toArray()).toEqual(Float32Array.of(1, 2))
  })

  test('a diamond of residual additions gives the sum over all paths', async () => {
    const x = leaf([1, -2])
    let h: Tensor = x
    for (let i = 0; i < 5; i++) h = ops.add(h, ops.mul(h, 0.5)) // each step is · 1.5
    ops.sum(h).backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(1.5 ** 5, 1.5 ** 5))
  })

  test('tensors that require no gradient get none', () => {
    const x = leaf([1])
    const y = tensor([2])
    ops.sum(ops.mul(x, y)).backward()
    expect(y.grad).toBeNull()
    expect(x.grad).not.toBeNull()
  })

  test('a tensor of several elements needs a gradient of its own shape', () => {
    const y = ops.mul(leaf([1, 2]), 2)
    expect(() => y.backward()).toThrow(/expected a gradient for a tensor of shape \[2\]/)
    expect(() => y.backward(tensor([1]))).toThrow(/expected shape \[2\] for gradient, got \[1\]/)
    expect(() => tensor([1]).backward()).toThrow(/without a history/)
  })

  test('a second backward through a freed graph is an error that says so', () => {
    const loss = ops.sum(ops.square(leaf([1])))
    loss.backward()
    expect(() => loss.backward()).toThrow(/graph behind sum was freed by an earlier backward/)
  })

  test('a backward that is refused lets go of the gradient it was given', () => {
    const y = ops.square(leaf([1, 2]))
    const dy = tensor([1, 1])
    y.backward(dy)
    expect(() => y.backward(dy)).toThrow(/was freed/)
    expect(dy.handle.isExclusive).toBe(true)
  })

  test('overwriting what backward needs is an error that names the op', () => {
    const x = leaf([1, 2])
    const y = tensor([3, 4])
    const loss = ops.sum(ops.mul(x, y))
    y.write([5, 6])
    expect(() => loss.backward()).toThrow(/that mul needs for its gradient, f32 \[2\], was overwritten/)
    expect(x.grad).toBeNull()
  })

  test('overwriting through a view is noticed too', () => {
    const x = leaf([1, 2])
    const loss = ops.sum(ops.square(x))
    x.detach().slice(0, 1).write([9])
    expect(() => loss.backward()).toThrow(/overwritten/)
  })

  test('the result of a recorded op is not written in place', () => {
    const y = ops.exp(leaf([1]))
    expect(() => y.write([1])).toThrow(/without a history/)
    expect(() => ops.fill(y, 0)).toThrow(/without a history/)
    y.detach().write([1])
  })

  test('noGrad and detach leave no history', () => {
    const x = leaf([1])
    expect(noGrad(() => ops.exp(x)).requiresGrad).toBe(false)
    expect(ops.exp(x).detach().requiresGrad).toBe(false)
    expect(ops.exp(x).requiresGrad).toBe(true)
  })

  test.each([
    ['add', ops.add],
    ['sub', ops.sub],
    ['mul', ops.mul],
    ['div', ops.div],
    ['maximum', ops.maximum],
  ])('%s needs no wrapper of its inputs after the forward pass', async (_name, op) => {
    const x = leaf([1, 2])
    const b = leaf([3])
    const loss = scope(() => ops.sum(op(ops.exp(x), ops.sum(ops.exp(b)))))
    loss.backward()
    expect([await x.grad?.toArray(), await b.grad?.toArray()].flat().length).toBe(2)
  })

  test('requiresGrad is for leaves', () => {
    const y = ops.exp(leaf([1]))
    expect(() => {
      y.requiresGrad = false
    }).toThrow(/leaves only/)
  })

  test('reshape and slice pass gradients to their place', async () => {
    const x = leaf([1, 2, 3, 4, 5, 6])
    const rows = x.reshape([3, 2])
    const loss = ops.add(ops.sum(rows.slice(1, 2)), ops.mul(ops.sum(rows.slice(1, 3)), 10))
    loss.backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(0, 0, 11, 11, 10, 10))
  })

  test('memory returns to where it was: after backward, and when a graph is dropped without one', async () => {
    const x = randomTensor('x', [64, 64])
    const step = (isTrained: boolean) =>
      scope(() => {
        const loss = ops.sum(ops.exp(ops.square(ops.sigmoid(x))))
        if (isTrained) loss.backward()
      })
    step(true)
    await x.toArray()
    const before = device.memoryStats().usedBytes
    for (let i = 0; i < 5; i++) step(i % 2 === 0)
    await x.toArray()
    // The queue lets go of an op's tensors just after the read is told; earlier tests' tensors may go too.
    await expect.poll(() => device.memoryStats().usedBytes).toBeLessThanOrEqual(before)
  })
})

describe('defineOp', () => {
  const squareOfExp = defineOp({
    name: 'square_of_exp',
    forward: (ctx, a) => {
      ctx.save(a)
      return ops.square(ops.exp(a))
    },
    backward: (ctx, dy) => [ops.mul(ops.mul(dy, 2), ops.exp(ops.mul(ctx.saved[0], 2)))],
  })

  test('has the gradient its author wrote', async () => {
    await gradcheck((x) => squareOfExp(x), [randomTensor('x', [5])])
  })

  test('composes with other ops and checkpoint', async () => {
    await gradcheck(
      (x) =>
        ops.mul(
          checkpoint((h) => squareOfExp(ops.neg(h)), x),
          x,
        ),
      [randomTensor('x', [5])],
    )
  })

  test('checks the number and shapes of gradients', () => {
    const wrongShape = defineOp({
      name: 'wrong',
      forward: (_ctx, a: Tensor) => ops.exp(a),
      backward: () => [zeros([3])],
    })
    expect(() => ops.sum(wrongShape(leaf([1]))).backward()).toThrow(
      /\[wrong\] expected shape \[1\] for gradient 1 from backward, got \[3\]/,
    )
    const wrongCount = defineOp({ name: 'wrong', forward: (_ctx, a: Tensor) => ops.exp(a), backward: () => [] })
    expect(() => ops.sum(wrongCount(leaf([1]))).backward()).toThrow(/expected 1 gradients from backward/)
  })

  test('outputs that nothing depends on have gradient zero', async () => {
    const both = defineOp({
      name: 'both',
      forward: (_ctx, a: Tensor) => [ops.mul(a, 2), ops.mul(a, 3)],
      backward: (_ctx, first, second) => [ops.add(ops.mul(first as Tensor, 2), ops.mul(second as Tensor, 3))],
    })
    const x = leaf([1])
    const [, second] = both(x)
    ops.sum(second as Tensor).backward()
    expect(await x.grad?.item()).toBe(3)
  })

  test('may save what forward makes in between', async () => {
    const doubledExp = defineOp({
      name: 'doubled_exp',
      forward: (ctx, a: Tensor) => {
        const power = ops.exp(a)
        ctx.save(power)
        return ops.mul(power, 2)
      },
      backward: (ctx, dy) => [ops.mul(ops.mul(dy as Tensor, 2), ctx.saved[0])],
    })
    await gradcheck((x) => doubledExp(x), [randomTensor('x', [5])])
  })

  test('gives a result of integers no gradient', () => {
    const split = defineOp({
      name: 'split',
      forward: (_ctx, a: Tensor) => [ops.cast(a, 'i32'), ops.mul(a, 2)],
      backward: (_ctx, _whole, double) => [ops.mul(double as Tensor, 2)],
    })
    const results = split(leaf([1.5]))
    expect(results.map((result) => result.requiresGrad)).toEqual([false, true])
  })

  test.each([
    ['inputs', { inputs: [3] }, '[odd] expected tensors as inputs, got 3'],
    ['a result', { forward: () => ({}) }, '[odd] expected tensors from forward, got an object'],
    ['a list of results', { forward: () => [null] }, '[odd] expected tensors from forward, got null'],
    [
      'no gradients',
      { backward: () => undefined },
      '[odd] expected an array of gradients from backward, got undefined',
    ],
    ['a gradient', { backward: () => [1] }, '[odd] expected tensors or null from backward, got 1'],
  ])('refuses %s of another kind', (_what, { inputs, ...functions }: OddOp, message) => {
    const whole = { name: 'odd', forward: (_ctx: unknown, a: Tensor) => ops.exp(a), backward: () => [null] }
    const odd = defineOp({ ...whole, ...functions } as unknown as OpDefinition<Tensor[], Tensor>)
    expect(() => ops.sum(odd(...((inputs ?? [leaf([1])]) as Tensor[]))).backward()).toThrow(message)
  })

  test('what it saved is watched for overwriting', () => {
    const x = leaf([1])
    const y = squareOfExp(x)
    noGrad(() => ops.fill(x, 2))
    expect(() => y.backward()).toThrow(/that square_of_exp needs for its gradient/)
  })
})

describe('a failing op', () => {
  test('poisons what depends on it, names itself, and everything else goes on', async () => {
    const table = tensor([1, 2], { shape: [2, 1], requiresGrad: true })
    const other = leaf([1])
    const bad = ops.embedding(table, tensor([5], { dtype: 'i32' }))
    const loss = ops.sum(ops.exp(bad))
    loss.backward()
    await expect(loss.item()).rejects.toMatchObject({ code: 'ArgumentError', op: 'embedding' })
    await expect(table.grad?.toArray()).rejects.toThrow(/embedding/)
    expect(await table.toArray()).toEqual(Float32Array.of(1, 2))
    ops.sum(ops.mul(other, 3)).backward()
    expect(await other.grad?.item()).toBe(3)
  })
})
