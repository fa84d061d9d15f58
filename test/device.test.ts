import { describe, expect, test } from 'vitest'
import { device, ops, type Tensor, tensor } from '../lib/index.js'

describe('device.record', () => {
  test('replays on new values of what was made outside', async () => {
    const x = tensor([1, 2])
    using program = device.record(() => ops.sum(ops.square(x)))
    expect(program.numOps).toBe(2)
    const results: number[] = []
    for (const values of [
      [1, 2],
      [3, 4],
    ]) {
      x.write(values)
      program.replay()
      results.push(await program.result.item())
    }
    expect(results).toEqual([5, 25])
  })

  test('records nothing for backward and refuses promises', () => {
    const x = tensor([1], { requiresGrad: true })
    using program = device.record(() => ops.exp(x))
    expect(program.result.requiresGrad).toBe(false)
    expect(() => device.record(async () => {})).toThrow(/\[record\] expected a synchronous function/)
  })

  test('refuses backward, which goes on afterwards', async () => {
    const x = tensor([3], { requiresGrad: true })
    const loss = ops.square(x)
    expect(() => device.record(() => loss.backward())).toThrow('[record] backward cannot be recorded')
    expect(() => device.record(() => x.backward())).toThrow('[record] backward cannot be recorded')
    loss.backward()
    expect(await x.grad?.item()).toBe(6)
  })

  test('its result dies with it', () => {
    const program = device.record(() => ({ y: ops.exp(tensor([1])) }))
    const { y } = program.result as { y: Tensor }
    program.dispose()
    expect(y.isDisposed).toBe(true)
  })
})

describe('memory', () => {
  test('an op beyond the budget fails with both sizes, and later ops go on', async () => {
    const { usedBytes, budgetBytes } = device.memoryStats()
    device.trim()
    device.setMemoryBudget(usedBytes + 1e6)
    try {
      const large = ops.add(tensor(new Float32Array(1e6)), 1)
      await expect(large.toArray()).rejects.toMatchObject({ code: 'OutOfMemoryError' })
      expect(await ops.add(tensor([1]), 1).item()).toBe(2)
    } finally {
      device.setMemoryBudget(budgetBytes)
    }
  })

  test('threads can be set', () => {
    const before = device.numThreads()
    device.setNumThreads(1)
    expect(device.numThreads()).toBe(1)
    device.setNumThreads(before)
  })
})
