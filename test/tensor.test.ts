import { describe, expect, test } from 'vitest'
import { full, ones, Tensor, tensor, UnsupportedError, zeros } from '../lib/index.js'

describe('tensor', () => {
  test('takes its shape from nested arrays and its dtype from typed arrays', async () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect([x.shape, x.dtype, x.device]).toEqual([[2, 3], 'f32', 'cpu'])
    expect(await x.toArray()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(tensor(Int32Array.of(1, 2)).dtype).toBe('i32')
    expect(tensor(Uint8Array.of(1, 2)).dtype).toBe('u8')
    expect(tensor(3).shape).toEqual([])
    expect(tensor([[], []]).shape).toEqual([2, 0])
  })

  test('keeps values through every dtype', async () => {
    expect(await tensor([1, -2], { dtype: 'i32' }).toArray()).toEqual(Int32Array.of(1, -2))
    expect(await tensor([1, 255], { dtype: 'u8' }).toArray()).toEqual(Uint8Array.of(1, 255))
    expect(await tensor([1.5, -0.25], { dtype: 'bf16' }).toArray()).toEqual(Float32Array.of(1.5, -0.25))
  })

  test('refuses ragged rows, wrong counts and numbers that the dtype cannot hold', () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(/rows of equal length/)
    expect(() => tensor([[1, 2], 3])).toThrow(/rows of equal length/)
    expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(/expected 4 values for shape \[2, 2\], got 3/)
    expect(() => tensor([1.5], { dtype: 'i32' })).toThrow(/whole numbers .* got 1.5/)
    expect(() => tensor([256], { dtype: 'u8' })).toThrow(/got 256/)
    expect(() => tensor([1], { dtype: 'i32', requiresGrad: true })).toThrow(/expected f32 where .* got i32/)
  })

  test('bf16 requires no gradient: it is for loading and saving', () => {
    const x = tensor([1], { dtype: 'bf16' })
    expect(() => {
      x.requiresGrad = true
    }).toThrow(UnsupportedError)
    expect(() => zeros([1], { dtype: 'bf16', requiresGrad: true })).toThrow(/expected f32 where .* got bf16/)
    x.requiresGrad = false
  })

  test('zeros, ones and full hold their value', async () => {
    expect(await zeros([2]).toArray()).toEqual(Float32Array.of(0, 0))
    expect(await ones([2], { dtype: 'i32' }).toArray()).toEqual(Int32Array.of(1, 1))
    expect(await full([], -3).item()).toBe(-3)
  })

  test('write replaces the values in queue order', async () => {
    const x = tensor([1, 2])
    const before = x.toArray()
    const values = Float32Array.of(3, 4)
    x.write(values)
    values.fill(0)
    expect(await before).toEqual(Float32Array.of(1, 2))
    expect(await x.toArray()).toEqual(Float32Array.of(3, 4))
    expect(() => x.write([1])).toThrow(/expected 2 values for \[2\], got \[1\]/)
  })

  test('raw bytes of every dtype come and go bit for bit, payloads of NaN and views included', async () => {
    const bits = Uint8Array.of(1, 0, 192, 127, 255, 255, 127, 255)
    for (const [dtype, length] of [
      ['f32', 2],
      ['i32', 2],
      ['bf16', 4],
      ['u8', 8],
    ] as const) {
      const x = zeros([2, length], { dtype })
      const row = x.slice(1, 2).writeBytes(bits)
      expect(await row.readBytes()).toEqual(bits)
      expect(await x.readBytes()).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, ...bits))
    }
    expect(await zeros([0]).writeBytes(new Uint8Array()).readBytes()).toEqual(new Uint8Array())
  })

  test('bytes of another length, or for a result with a history, are refused', () => {
    expect(() => zeros([2]).writeBytes(new Uint8Array(7))).toThrow(/expected 8 bytes for f32 \[2\], got 7/)
    const result = ones([2], { requiresGrad: true }).reshape([1, 2])
    expect(() => result.writeBytes(new Uint8Array(8))).toThrow(/without a history/)
  })

  test('reshape and slice are views of the same memory', async () => {
    const x = tensor([1, 2, 3, 4, 5, 6], { shape: [3, 2] })
    const row = x.slice(1, 2)
    expect([row.shape, await row.toArray()]).toEqual([[1, 2], Float32Array.of(3, 4)])
    row.write([30, 40])
    expect(await x.reshape([-1]).toArray()).toEqual(Float32Array.of(1, 2, 30, 40, 5, 6))
    expect(() => x.reshape([4, -1])).toThrow(/expected a shape of 6 elements/)
    expect(() => x.slice(2, 4)).toThrow(/0 <= begin <= end <= 3/)
  })

  test('item is for one element', async () => {
    expect(await tensor([7]).item()).toBe(7)
    await expect(tensor([1, 2]).item()).rejects.toThrow(/one element, got \[2\]/)
  })

  test('a disposed tensor says so, and disposing again is harmless', () => {
    const x = tensor([1])
    x.name = 'weight'
    x.dispose()
    x.dispose()
    expect(x.isDisposed).toBe(true)
    expect(() => x.shape).toThrow(/live tensor, got a disposed one, weight/)
  })

  test('using disposes at the end of the block', () => {
    let seen: Tensor
    {
      using x = tensor([1])
      seen = x
    }
    expect(seen.isDisposed).toBe(true)
  })

  test('an unfinished read survives dispose', async () => {
    const x = tensor([5])
    const value = x.item()
    x.dispose()
    expect(await value).toBe(5)
  })

  test('an unknown device is an error at once', () => {
    expect(() => Tensor.empty([1], { device: 'tpu' })).toThrow()
  })
})
