import { describe, expect, it } from 'vitest'
import { addCounts, doctestCounts, lastLine, vitestCounts } from '../../scripts/test/counts.mjs'

const summary = (passed: number, failed: number) =>
  `[doctest] test cases:     ${passed + failed} |     ${passed} passed | ${failed} failed | 0 skipped\n`

describe('doctestCounts', () => {
  it('reads the summary', () => {
    expect(doctestCounts({ status: 0, text: summary(25, 0) })).toEqual({ passed: 25, failed: 0 })
    expect(doctestCounts({ status: 1, text: summary(24, 2) })).toEqual({ passed: 24, failed: 2 })
  })

  it('counts a crash as a failure, with or without a summary', () => {
    expect(doctestCounts({ status: null, text: '' })).toEqual({ passed: 0, failed: 1 })
    expect(doctestCounts({ status: null, text: summary(3, 0) })).toEqual({ passed: 3, failed: 1 })
  })
})

describe('vitestCounts', () => {
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((status) => ({ status })),
  })

  it('adds the files up, leaving skipped tests out', () => {
    const report = { testResults: [file('passed', 'passed', 'skipped'), file('failed', 'failed', 'passed')] }
    expect(vitestCounts({ status: 1, report })).toEqual({ passed: 2, failed: 1 })
  })

  it('counts a file that could not be loaded as a failure', () => {
    const report = { testResults: [file('passed', 'passed'), file('failed'), file('failed')] }
    expect(vitestCounts({ status: 1, report })).toEqual({ passed: 1, failed: 2 })
  })

  it('counts a crash as a failure when the report knows of none, or was never written', () => {
    expect(vitestCounts({ status: 1, report: { testResults: [file('passed', 'passed')] } })).toEqual({
      passed: 1,
      failed: 1,
    })
    expect(vitestCounts({ status: null })).toEqual({ passed: 0, failed: 1 })
  })
})

it('the last line adds both suites', () => {
  expect(
    lastLine(
      addCounts([
        { passed: 2, failed: 0 },
        { passed: 3, failed: 1 },
      ]),
    ),
  ).toBe('5 passed, 1 failed')
})
