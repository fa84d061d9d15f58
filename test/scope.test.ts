import { describe, expect, test } from 'vitest'
import { AdamW, nn, noGrad, ops, scope, type Tensor, tensor } from '../lib/index.js'

describe('scope', () => {
  test('disposes what is made inside and keeps what is returned', () => {
    const inside: Tensor[] = []
    const result = scope(() => {
      const a = tensor([1])
      const b = ops.add(a, 1)
      inside.push(a, b)
      return b
    })
    expect(inside.map((x) => x.isDisposed)).toEqual([true, false])
    expect(inside[1]).toBe(result)
  })

  test('finds results in arrays, objects, Maps, Sets and class instances', () => {
    class Pair {
      constructor(readonly first: Tensor) {}
    }
    const result = scope(() => ({
      list: [tensor([1])],
      map: new Map([['a', { deep: tensor([2]) }]]),
      set: new Set([tensor([3])]),
      pair: new Pair(tensor([4])),
      layer: new nn.Linear({ in: 2, out: 2 }),
    }))
    const found = [result.list[0], result.map.get('a')?.deep, ...result.set, result.pair.first, result.layer.weight]
    expect(found.map((x) => x?.isDisposed)).toEqual([false, false, false, false, false])
  })

  test('a cycle in the result is no trap', () => {
    const result = scope(() => {
      const node: { self?: unknown; x: Tensor } = { x: tensor([1]) }
      node.self = node
      return node
    })
    expect(result.x.isDisposed).toBe(false)
  })

  test('hands results of an inner scope to the outer one', () => {
    let inner: Tensor | undefined
    scope(() => {
      inner = scope(() => tensor([1]))
      expect(inner.isDisposed).toBe(false)
    })
    expect(inner?.isDisposed).toBe(true)
  })

  test('disposes everything when the function throws', () => {
    let seen: Tensor | undefined
    const failing = () =>
      scope(() => {
        seen = tensor([1])
        throw new Error('stop')
      })
    expect(failing).toThrow('stop')
    expect(seen?.isDisposed).toBe(true)
    scope(() => tensor([1])) // the stack of scopes is as before
  })

  test('scope and noGrad refuse a function that returns a promise', () => {
    expect(() => scope(async () => tensor([1]))).toThrow(/\[scope\] expected a synchronous function/)
    expect(() => noGrad(async () => 1)).toThrow(/\[noGrad\] expected a synchronous function/)
    let error: unknown
    try {
      scope(() => Promise.resolve(1))
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({ code: 'ArgumentError' })
  })

  test('gradients and optimizer state made inside survive', async () => {
    const x = tensor([1, 2], { requiresGrad: true })
    const optimizer = new AdamW([x], { learningRate: 0.1, weightDecay: 0 })
    scope(() => {
      ops.sum(ops.mul(x, x)).backward()
      optimizer.step()
    })
    expect(await x.grad?.toArray()).toEqual(Float32Array.of(2, 4))
    scope(() => optimizer.step())
    expect((await optimizer.exportState()).tensors.size).toBe(2)
  })

  test('the graph lives on when the intermediate tensors are gone', async () => {
    const x = tensor([3], { requiresGrad: true })
    const loss = scope(() => ops.sum(ops.exp(ops.square(x))))
    loss.backward()
    expect(await x.grad?.item()).toBeCloseTo(6 * Math.exp(9), -1)
  })
})
