import { expect, test } from 'vitest'
import { bufferFor, measureRates, rowsFor } from '../../../lib/cli/doctor/rates.js'
import { memoryStats, numThreads } from '../../../lib/device.js'

test('buffers take a quarter of what is free, 256 MiB each at most and one at least', () => {
  expect([2 ** 40, 2 ** 31, 2 ** 31 - 1, 2 ** 26, 0, -1].map((free) => bufferFor(free) / 2 ** 20)).toEqual([
    256, 256, 128, 8, 1, 1,
  ])
})

test('a product has as many rows as fit its time, in steps that tasks divide evenly', () => {
  expect([1, 0.015, 0.005, 0.0001, 0].map(rowsFor)).toEqual([64, 64, 192, 4096, 4096])
})

test('rates are measured within memory that is short, which gives it and the threads back', async () => {
  const before = [numThreads(), memoryStats().usedBytes]
  const { product, copy, seconds } = await measureRates({ seconds: 0.05, freeBytes: 2 ** 26 })
  expect(copy).toMatchObject({ bufferBytes: 2 ** 23, isShortened: true })
  for (const rate of [product.gflopsPerSecond, product.gflopsPerSecondOnOneThread, copy.gigabytesPerSecond, seconds])
    expect(rate).toBeGreaterThan(0)
  expect([numThreads(), memoryStats().usedBytes]).toEqual(before)
})
