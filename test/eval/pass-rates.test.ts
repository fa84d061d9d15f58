import { expect, test } from 'vitest'
import { rateBands, ratedRows } from '../../lib/eval/pass-rates.js'
import type { ProblemResult } from '../../lib/eval/result-record.js'

const result = (index: number, numCorrect: number): ProblemResult => ({
  ...{ type: 'problem', set: 's', index, id: `${index}`, expected: '1', numSamples: 8, numCorrect, answers: [] },
})
const rows = ['a', 'b'].map((id) => ({ id, problem: 'p', answer: '1', level: id }))

test('rows get the pass rates of their own results, in whatever order those come', () => {
  expect(ratedRows(rows, [result(1, 8), result(0, 2)])).toEqual([
    { ...rows[0], passRate: 0.25, numSamples: 8 },
    { ...rows[1], passRate: 1, numSamples: 8 },
  ])
})

test('a row that was not answered is an error', () => {
  expect(() => ratedRows(rows, [result(0, 1)])).toThrow('[difficulty] expected answers to row "b", got none')
})

test('every pass rate is in one band', () => {
  const rates = [0, 0.01, 0.1, 0.11, 0.5, 0.51, 0.9, 0.91, 0.99, 1]
  const counts = rateBands(rates.map((passRate) => ({ passRate }))).map(({ numRows }) => numRows)
  expect(counts).toEqual([1, 2, 2, 2, 2, 1])
})
