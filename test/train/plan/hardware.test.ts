import { describe, expect, test } from 'vitest'
import { hardwareOf, parseHardware } from '../../../lib/train/plan/hardware/parse.js'
import { hardwareRates } from '../../../lib/train/plan/hardware/rates.js'
import { gpus } from '../../../lib/train/plan/hardware/table.js'
import { deepseek1p5b } from './shapes.js'

describe('--hardware', () => {
  test('names a GPU and how many, one by default, and the last goes on', () => {
    const entries = parseHardware('a100-80g:8, H100')
    expect(entries.map(({ gpu, count }) => [gpu.name, count])).toEqual([
      ['a100-80g', 8],
      ['h100', 1],
    ])
    expect([0, 1, 2].map((stage) => hardwareOf(entries, stage).gpu.name)).toEqual(['a100-80g', 'h100', 'h100'])
  })

  test.each([
    ['a100-80', /got "a100-80"; did you mean a100-80g\?$/],
    ['h100:0', /expected h100:<number of devices> for the hardware, got "h100:0"$/],
    ['h100:8:2', /got "h100:8:2"$/],
    ['h100:', /got "h100:"$/],
    ['', /got ""/],
  ])('refuses %j', (text, message) => {
    expect(() => parseHardware(text)).toThrow(message)
  })

  test('every GPU of the table has its sources', () => {
    for (const { name, specSource, priceSource, price, flops } of gpus) {
      expect([name, specSource.length > 10, /20\d\d-\d\d/.test(priceSource)]).toEqual([name, true, true])
      expect(price).toBeGreaterThan(0)
      expect(flops).toBeGreaterThan(1e12)
    }
  })
})

describe('the rates of a GPU', () => {
  const [a100] = parseHardware('a100-80g').map(({ gpu }) => gpu)
  if (!a100) throw new Error('it is in the table')
  const rates = hardwareRates(a100, deepseek1p5b, { mfu: 0.5, bandwidthShare: 0.5, stepOverhead: 1e-3, numDevices: 8 })

  test('are operations over half of the peak', () => {
    const pass = { tokens: 1000, rows: 600, squares: 1e6, calls: 3 }
    // As in the test of operations: 2,900,439,859,200 + 86,016,000,000 over 156 TFLOP/s.
    expect(rates.score(pass)).toBeCloseTo(2_986_455_859_200 / 156e12, 12)
    const kind = { useRecompute: false, hasWeightGradients: true }
    expect(rates.train(pass, kind)).toBeCloseTo((3 * 2_900_439_859_200 + 3.5 * 86_016_000_000) / 156e12, 12)
  })

  test('of a decode step are those of its bytes while the batch is small, and those of its operations when it is large', () => {
    // 3,087,138,816 bytes of weights and 14,680,064,000 of the cache at 1,019.5 GB/s.
    const small = rates.decodeStep({ batch: 128, cachedTokens: 512_000 })
    expect(small).toBeCloseTo((3_087_138_816 + 14_680_064_000) / 1019.5e9 + 1e-3, 9)
    // 10,000 sequences that have just begun: 2 · 1,543,569,408 · 10,000 operations, 0.198 s, against 0.003 s of bytes.
    const large = rates.decodeStep({ batch: 10_000, cachedTokens: 0 })
    expect(large).toBeCloseTo((2 * 1_543_569_408 * 10_000) / 156e12 + 1e-3, 9)
  })

  test('of an update are 30 bytes a parameter, divided among the devices', () => {
    expect(rates.update()).toBeCloseTo((30 * 1_777_088_000) / 8 / 1019.5e9, 9)
  })
})
