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
  const file = (name: string, status: string, ...tests: string[]) => ({
    name,
    status,
    assertionResults: tests.map((status) => ({ status })),
  })
  const files = ['a', 'b', 'c']
  const passed = files.map((name) => file(name, 'passed', 'passed'))

  it('adds the files up, leaving skipped tests out', () => {
    const testResults = [file('a', 'passed', 'passed', 'skipped'), file('b', 'failed', 'failed', 'passed')]
    expect(vitestCounts({ status: 1, files: ['a', 'b'], report: { testResults } })).toEqual({ passed: 2, failed: 1 })
  })

  it('counts a file that could not be loaded as a failure', () => {
    const testResults = [file('a', 'passed', 'passed'), file('b', 'failed'), file('c', 'failed')]
    expect(vitestCounts({ status: 1, files, report: { testResults } })).toEqual({ passed: 1, failed: 2 })
  })

  it('counts a file that crashed, and so has no report, as a failure', () => {
    const testResults = [file('a', 'failed', 'failed')]
    expect(vitestCounts({ status: 1, files, report: { testResults } })).toEqual({ passed: 0, failed: 3 })
    expect(vitestCounts({ status: null, files })).toEqual({ passed: 0, failed: 3 })
  })

  it('counts an error that no test reports as a failure', () => {
    expect(vitestCounts({ status: 1, files, report: { testResults: passed } })).toEqual({ passed: 3, failed: 1 })
    expect(vitestCounts({ status: 0, files, report: { testResults: passed } })).toEqual({ passed: 3, failed: 0 })
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
