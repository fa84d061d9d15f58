// Recomputation: the same bits as the plain run, on the same values, or an error.
import { describe, expect, test } from 'vitest'
import { checkpoint, device, nn, noGrad, ops, scope, type Tensor, tensor } from '../lib/index.js'
import { randomTensor } from './reference/gradcheck.js'

const leaf = (values: number[]) => tensor(values, { requiresGrad: true })

describe('checkpoint', () => {
  test('gives the bits that the plain run gives, for inputs and captured parameters', async () => {
    const layer = new nn.Mlp({ width: 8, feedForwardWidth: 12 })
    const x = randomTensor('x', [5, 8])
    const run = async (fn: (h: Tensor) => Tensor) => {
      for (const leaf of [x, ...layer.parameters()]) leaf.grad = null
      const y = fn(x)
      ops.sum(ops.square(y)).backward()
      const gradients = [x, ...layer.parameters()].map((parameter) => parameter.grad?.toArray())
      return Promise.all([y.toArray(), ...gradients])
    }
    const plain = await run((h) => layer.forward(h))
    const again = await run((h) => checkpoint((inner) => layer.forward(inner), h))
    expect(again).toEqual(plain)
  })

  test('refuses a captured tensor that has a history', () => {
    const x = leaf([1])
    const h = ops.exp(x)
    const y = checkpoint((a) => ops.mul(a, h), x)
    expect(() => ops.sum(y).backward()).toThrow(
      /\[checkpoint\] expected tensors with a history as inputs .* made by exp/,
    )
  })

  test('takes bf16 inputs that have a history', async () => {
    const x = leaf([1, 2])
    const y = checkpoint((half) => ops.square(ops.cast(half, 'f32')), ops.cast(x, 'bf16'))
    ops.sum(y).backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(2, 4))
  })

  test('may return its input', async () => {
    const x = leaf([1, 2])
    ops.sum(checkpoint((a) => a, x)).backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(1, 1))
  })

  test('holds what it captured when the scope of the forward pass is over', async () => {
    const x = leaf([1, 2])
    const y = scope(() => {
      const factor = tensor([3, 4])
      return ops.sum(checkpoint((a) => ops.square(ops.mul(a, factor)), x))
    })
    y.backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(18, 64))
  })

  test('lets everything go after backward, and when the graph is dropped without one', async () => {
    const x = randomTensor('x', [64, 64])
    const step = (isTrained: boolean) =>
      scope(() => {
        const loss = scope(() => {
          const factor = randomTensor('factor', [64, 64])
          return ops.sum(checkpoint((a) => checkpoint((b) => ops.mul(ops.exp(b), factor), ops.square(a)), ops.tanh(x)))
        })
        if (isTrained) loss.backward()
      })
    step(true)
    await x.toArray()
    const before = device.memoryStats().usedBytes
    for (let i = 0; i < 6; i++) step(i % 2 === 0)
    await x.toArray()
    await expect.poll(() => device.memoryStats().usedBytes).toBeLessThanOrEqual(before)
  })
})

describe('the order of additions', () => {
  const segment = (a: Tensor) => ops.add(ops.exp(ops.mul(a, 0.3)), ops.mul(a, ops.sigmoid(a)))
  const same = <T extends unknown[], R>(fn: (...args: T) => R, ...args: T): R => fn(...args)

  /** The gradient of many values, so that an order of its own would show somewhere. */
  async function gradientOf(fn: (x: Tensor, segmentOf: typeof checkpoint) => Tensor, segmentOf: typeof checkpoint) {
    const x = leaf(Array.from({ length: 500 }, (_, i) => Math.sin(i + 1) * (1 + (i % 7))))
    ops.sum(fn(x, segmentOf)).backward()
    return x.grad?.toArray()
  }

  const nested = (depth: number, a: Tensor, segmentOf: typeof checkpoint): Tensor =>
    depth === 0
      ? ops.mul(a, ops.sigmoid(a))
      : ops.add(
          segmentOf((b) => nested(depth - 1, b, segmentOf), a),
          ops.mul(a, 0.3),
        )

  test.each<[string, (x: Tensor, segmentOf: typeof checkpoint) => Tensor]>([
    ['a leaf used outside afterwards', (x, segmentOf) => ops.add(segmentOf(segment, x), ops.exp(x))],
    ['a leaf used outside before', (x, segmentOf) => ops.add(ops.exp(x), segmentOf(segment, x))],
    [
      'a tensor with a history',
      (x, segmentOf) => {
        const h = ops.tanh(x)
        return ops.add(segmentOf(segment, h), ops.exp(h))
      },
    ],
    ['segments within segments', (x, segmentOf) => nested(3, x, segmentOf)],
    ['segments within segments, on a tensor with a history', (x, segmentOf) => nested(3, ops.tanh(x), segmentOf)],
    [
      'an input that is returned and used on',
      (x, segmentOf) => {
        const h = ops.tanh(x)
        const again = segmentOf((a) => a, h)
        const first = ops.add(ops.mul(again, 0.3), ops.sigmoid(again))
        return ops.add(first, ops.exp(h))
      },
    ],
    [
      'a result that is returned twice, and used inside',
      (x, segmentOf) => {
        const results = segmentOf((a) => {
          const h = ops.exp(ops.mul(a, 0.3))
          return [h, ops.sigmoid(h), h]
        }, x)
        const [h, s, same] = results as [Tensor, Tensor, Tensor]
        return ops.add(ops.add(ops.mul(h, 0.7), ops.square(s)), ops.add(ops.tanh(same), ops.mul(h, x)))
      },
    ],
  ])('is that of the plain run: %s', async (_what, fn) => {
    expect(await gradientOf(fn, checkpoint)).toEqual(await gradientOf(fn, same as typeof checkpoint))
  })
})

describe('what was overwritten since', () => {
  const overwritten = /that checkpoint needs for its gradient, f32 \[2\], was overwritten in place/

  test.each<[string, (x: Tensor, w: Tensor) => Tensor]>([
    ['a captured parameter', (x, w) => checkpoint((v) => ops.mul(v, w), x)],
    ['an input', (x, w) => checkpoint((v, u) => ops.mul(v, u), x, w)],
    ['what a sum reads, which the plain run would not need', (x, w) => checkpoint((v) => ops.exp(ops.add(v, w)), x)],
    ['what is only compared', (x, w) => checkpoint((v) => ops.mul(v, ops.greater(v, w)), x)],
    ['what is read through a view', (x, w) => checkpoint((v) => ops.mul(v, w.detach().reshape([2])), x)],
    [
      'what is captured two segments deep',
      (x, w) => checkpoint((v) => checkpoint((u) => ops.mul(u, w), ops.exp(v)), x),
    ],
    [
      'what is read where nothing is recorded',
      (x, w) =>
        checkpoint(
          (v) =>
            ops.mul(
              v,
              noGrad(() => ops.exp(w)),
            ),
          x,
        ),
    ],
  ])('is an error: %s', (_what, fn) => {
    const x = leaf([1, 2])
    const w = leaf([3, 4])
    const loss = ops.sum(fn(x, w))
    noGrad(() => w.write([9, 9]))
    expect(() => loss.backward()).toThrow(overwritten)
    expect([x.grad, w.grad]).toEqual([null, null])
  })

  test('is an error too where the function itself overwrites what it has read', () => {
    const x = leaf([1, 2])
    const w = tensor([3, 4])
    const y = checkpoint((v) => {
      const product = ops.mul(v, w)
      w.write([9, 9])
      return product
    }, x)
    expect(() => ops.sum(y).backward()).toThrow(overwritten)
  })

  test('is no matter where the function only writes there', async () => {
    const x = leaf([1, 2])
    const seen = tensor([0, 0])
    const y = checkpoint((v) => {
      noGrad(() => ops.copy(seen, v))
      return ops.square(v)
    }, x)
    ops.sum(y).backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(2, 4))
    expect(await seen.toArray()).toEqual(Float32Array.of(1, 2))
  })

  test('is no matter where only the shape was asked for', async () => {
    const x = leaf([1, 2])
    const w = tensor([3, 4])
    const y = checkpoint((v) => ops.mul(v, w.shape.length + w.numElements), x)
    w.write([9, 9])
    ops.sum(y).backward()
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(3, 3))
  })
})

describe('a gradient is required', () => {
  const requires = (result: Tensor | readonly Tensor[]) => [result].flat().map((tensor) => tensor.requiresGrad)

  test('of results that depend on a tensor that requires one, as in the plain run', () => {
    const x = leaf([1, 2])
    const k = tensor([1, 2])
    const fn = (v: Tensor) => [ops.exp(v), v.detach(), ops.cast(v, 'i32'), ops.exp(k), noGrad(() => ops.exp(v)), v, k]
    expect(requires(checkpoint(fn, x))).toEqual([true, false, false, false, false, true, false])
    expect(requires(checkpoint(fn, x))).toEqual(requires(fn(x)))
  })

  test('of none where no input and no captured tensor requires one', () => {
    const y = checkpoint((v) => ops.exp(v), tensor([1]))
    expect(y.requiresGrad).toBe(false)
    expect(() => y.backward()).toThrow(/without a history/)
  })

  test('where only a captured parameter requires one', async () => {
    const w = leaf([2])
    ops.sum(checkpoint((v) => ops.mul(v, w), tensor([3]))).backward()
    expect(await w.grad?.item()).toBe(3)
  })
})

describe('a wrong argument', () => {
  const untyped = checkpoint as unknown as (...args: unknown[]) => unknown

  test.each<[string, unknown[], string]>([
    ['an input that is no tensor', [(v: Tensor) => v, leaf([1]), 3], '[checkpoint] expected tensors as inputs, got 3'],
    ['no function', [leaf([1])], '[checkpoint] expected a function, got an object'],
    [
      'a result that is no tensor',
      [() => ({}), leaf([1])],
      '[checkpoint] expected tensors from the function, got an object',
    ],
    [
      'a list with a hole',
      [() => [undefined], leaf([1])],
      '[checkpoint] expected tensors from the function, got undefined',
    ],
    ['a promise', [async () => leaf([1]), leaf([1])], '[checkpoint] expected a synchronous function'],
  ])('is refused: %s', (_what, args, message) => {
    expect(() => untyped(...args)).toThrow(message)
    expect(() => noGrad(() => untyped(...args))).toThrow(message)
  })

  test('backward within the function is an error', () => {
    const x = leaf([1])
    expect(() =>
      checkpoint((v) => {
        ops.sum(ops.exp(v)).backward()
        return v
      }, x),
    ).toThrow('[checkpoint] expected no backward within the function')
  })
})
