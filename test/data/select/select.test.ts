import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochOrder } from '../../../lib/data/order.js'
import { shuffledRows } from '../../../lib/data/problem-source.js'
import type { Row } from '../../../lib/data/row.js'
import { isInBand, weightsOf } from '../../../lib/data/select/difficulty.js'
import { passRateOf } from '../../../lib/data/select/pass-rate.js'
import { isSelected, needsPromptTokens } from '../../../lib/data/select/select-rows.js'
import { beginStage, countAnswers, nothingSolved } from '../../../lib/data/select/solved.js'

const row = (passRate: unknown, numSamples?: unknown): Row => ({ id: 'a', problem: 'p', passRate, numSamples })
const rows = (count: number): Row[] => Array.from({ length: count }, (_, i) => ({ id: `${i}`, problem: 'p' }))

describe('a pass rate', () => {
  test('is the row’s own', () => expect(passRateOf(row(0.5, 8))).toEqual({ passRate: 0.5, numSamples: 8 }))

  test.each([
    [undefined, 8],
    ['0.5', 8],
    [1.5, 8],
    [Number.NaN, 8],
    [0.5, 0],
    [0.5, 1.5],
  ])('of %s in %s samples is an error that names the row', (passRate, numSamples) => {
    expect(() => passRateOf(row(passRate, numSamples))).toThrow(/expected a passRate from 0 to 1 in row "a", got/)
  })

  test('at an end of the band is in it', () => {
    const band = { min: 0.25, max: 0.75 }
    expect([0.24, 0.25, 0.75, 0.76].map((rate) => isInBand(row(rate, 4), band))).toEqual([false, true, true, false])
    expect([0, 1].map((rate) => isInBand(row(rate, 4), {}))).toEqual([true, true])
  })

  test('weighs as 1 − p or p(1 − p), smoothed by two samples', () => {
    const few = [row(0, 2), row(0.5, 2), row(1, 2)] // (0+1)/4, (1+1)/4, (2+1)/4
    expect(weightsOf(few, 'hard')).toEqual([0.75, 0.5, 0.25])
    expect(weightsOf(few, 'uncertain')).toEqual([0.1875, 0.25, 0.1875])
    expect(weightsOf(few)).toBeUndefined()
  })
})

describe('a weighted epoch', () => {
  const timesOf = (order: number[], index: number) => order.filter((i) => i === index).length

  test('has as many rows as there are, each as often as its share rounded up or down', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.nat(1000),
        (weights, epoch) => {
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          fc.pre(total > 1e-3)
          const order = epochOrder(weights.length, { seed: 1, weights, epoch })
          expect(order).toHaveLength(weights.length)
          for (const [index, weight] of weights.entries()) {
            const share = (weight / total) * weights.length
            expect(timesOf(order, index)).toBeGreaterThanOrEqual(Math.floor(share - 1e-6))
            expect(timesOf(order, index)).toBeLessThanOrEqual(Math.ceil(share + 1e-6))
          }
        },
      ),
    )
  })

  test('gives over many epochs each row its share', () => {
    const weights = [1, 2, 3, 4, 0]
    const all = Array.from({ length: 4000 }, (_, epoch) => epochOrder(5, { seed: 2, weights, epoch })).flat()
    const shares = weights.map((_, index) => timesOf(all, index) / 4000)
    for (const [index, weight] of weights.entries())
      expect(Math.abs((shares[index] as number) - weight / 2)).toBeLessThan(0.04)
    expect(shares[4]).toBe(0)
  })

  test('of equal weights is a shuffle of all rows', () => {
    const order = epochOrder(7, { seed: 1, weights: new Array(7).fill(0.3), epoch: 0 })
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test.each([[[0, 0]], [[1, -1]], [[1, Number.NaN]]])('of weights %s is an error', (weights) => {
    expect(() => epochOrder(2, { seed: 1, weights, epoch: 0 })).toThrow(/\[data order\] expected/)
  })
})

describe('a selection of a source', () => {
  test('sees the rows it keeps, each once an epoch, and is the source itself where it keeps all', () => {
    const source = shuffledRows(rows(10), { seed: 1 })
    const even = source.where(({ id }) => Number(id) % 2 === 0)
    const epoch = [...even.rowsOf(0, 2), ...even.rowsOf(1, 2), ...even.rowsOf(2, 2)].slice(0, 5)
    expect(epoch.map(({ id }) => id).sort()).toEqual(['0', '2', '4', '6', '8'])
    expect(source.where(() => true).rowsOf(3, 4)).toEqual(source.rowsOf(3, 4))
  })

  test('keeps the weights of its rows', () => {
    const source = shuffledRows(rows(4), { seed: 1, weights: [5, 1, 0, 3] })
    const seen = source.where(({ id }) => id !== '0').rowsOf(0, 3)
    // 1, 0 and 3 of 4 over three rows: 0.75, 0 and 2.25 times an epoch.
    expect(seen.filter(({ id }) => id === '2')).toHaveLength(0)
    expect(seen.filter(({ id }) => id === '3').length).toBeGreaterThanOrEqual(2)
  })
})

describe('what a stage selects', () => {
  const facts = { numPromptTokens: ({ id }: Row) => Number(id), leftOut: new Set(['3']) }
  const admitted = (select: object) => rows(6).flatMap((row) => (isSelected(row, select, facts) ? [row.id] : []))

  test('is by the tokens of the prompt, ends included, and without what was left out', () => {
    expect(admitted({ minPromptTokens: 1, maxPromptTokens: 4 })).toEqual(['1', '2', '4'])
    expect(admitted({ maxPromptTokens: 1 })).toEqual(['0', '1'])
    expect(admitted({})).toEqual(['0', '1', '2', '4', '5'])
  })

  test('is by the row’s pass rate where it asks for it, and only there needs one', () => {
    expect(isSelected(row(0.5, 4), { minPassRate: 0.5, maxPassRate: 0.5 }, facts)).toBe(true)
    expect(isSelected(row(0.5, 4), { minPassRate: 0.6 }, facts)).toBe(false)
    expect(() => isSelected(row(undefined), { maxPassRate: 1 }, facts)).toThrow('expected a passRate')
    expect(needsPromptTokens({ maxPassRate: 1 })).toBe(false)
    expect(needsPromptTokens({ maxPromptTokens: 1 })).toBe(true)
  })
})

describe('problems solved in a stage', () => {
  const seen = (id: string, numRight: number) => ({ id, numRight, numAnswers: 10 })

  test('above the share are left out for good, those at it or not seen are not', () => {
    let state = countAnswers(nothingSolved, [seen('a', 10), seen('b', 9), seen('c', 0)])
    state = beginStage(state, 0.9)
    expect(state).toEqual({ leftOut: ['a'], counts: {} })
    state = beginStage(countAnswers(state, [seen('b', 10)]), 0.9)
    expect(state.leftOut).toEqual(['a', 'b'])
    expect(beginStage(state, undefined).leftOut).toEqual(['a', 'b'])
  })

  test('are judged by all their answers in the stage, and only by those', () => {
    const twice = countAnswers(countAnswers(nothingSolved, [seen('a', 10)]), [seen('a', 7)])
    expect(twice.counts).toEqual({ a: [17, 20] })
    expect(beginStage(twice, 0.9).leftOut).toEqual([])
    expect(beginStage(beginStage(countAnswers(nothingSolved, [seen('a', 10)]), undefined), 0.5).leftOut).toEqual([])
  })

  test('are plain JSON, and a row of any name is counted', () => {
    const state = countAnswers(nothingSolved, [seen('__proto__', 10), seen('7', 1)])
    expect(beginStage(JSON.parse(JSON.stringify(state)), 0.5).leftOut).toEqual(['__proto__'])
  })
})
