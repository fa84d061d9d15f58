import { describe, expect, it } from 'vitest'
import { tensor } from '../../lib/create.js'
import { dropout } from '../../lib/ops/dropout.js'
import { gradcheck, randomTensor } from '../reference/gradcheck.js'

const ones = () => tensor(new Float32Array(400).fill(1), { shape: [4, 100] })
const call = { rate: 0.25, seed: 5, call: 2, site: 3 }

describe('dropout', () => {
  it('divides what it keeps by 1 − rate, and drops the same again with the same call', async () => {
    const values = await dropout(ones(), call).toArray()
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.75)]))
    expect(await dropout(ones(), call).toArray()).toEqual(values)
    for (const other of [{ seed: 6 }, { call: 3 }, { site: 4 }])
      expect(await dropout(ones(), { ...call, ...other }).toArray()).not.toEqual(values)
  })

  it('has the gradient of what it kept', async () => {
    await gradcheck((x) => dropout(x, call), [randomTensor('x', [5, 9])])
  })

  it('leaves everything as it is at rate 0', async () => {
    const x = randomTensor('x', [3, 7])
    expect(await dropout(x, { ...call, rate: 0 }).toArray()).toEqual(await x.toArray())
  })

  it('names the option that does not fit', () => {
    expect(() => dropout(ones(), { ...call, rate: 1 })).toThrow(
      '[dropout] expected a number from 0 to below 1 for rate, got 1',
    )
    expect(() => dropout(ones(), { ...call, call: 2 ** 31 })).toThrow('for option call')
  })
})
