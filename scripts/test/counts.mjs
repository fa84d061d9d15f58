// Reads how many tests passed and failed out of what the two test runners report. Pure.

/** @typedef {{ passed: number, failed: number }} Counts */

/**
 * @param {{ status: number | null, text: string }} run status is null after a crash
 * @returns {Counts} test cases
 */
export function doctestCounts({ status, text }) {
  const summary = text.match(/test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/)
  return atLeastOneFailed({ passed: Number(summary?.[1] ?? 0), failed: Number(summary?.[2] ?? 0) }, status)
}

/**
 * @typedef {{ name: string, status: string, assertionResults: { status: string }[] }} FileReport
 * @param {{ status: number | null, files: string[], report?: { testResults: FileReport[] } | undefined }} run
 * @returns {Counts} tests; a file that failed outside its tests, or that crashed and so has no report, counts as one
 */
export function vitestCounts({ status, files, report }) {
  const results = report?.testResults ?? []
  const crashed = files.filter((file) => !results.some(({ name }) => name === file))
  const counts = addCounts([...results.map(fileCounts), { passed: 0, failed: crashed.length }])
  return atLeastOneFailed(counts, status)
}

/** @param {FileReport} file @returns {Counts} */
function fileCounts(file) {
  const count = (/** @type {string} */ status) => file.assertionResults.filter((test) => test.status === status).length
  const counts = { passed: count('passed'), failed: count('failed') }
  return atLeastOneFailed(counts, file.status === 'failed' ? 1 : 0)
}

/** @param {Counts} counts @param {number | null} status @returns {Counts} */
function atLeastOneFailed(counts, status) {
  return status === 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) }
}

/** @param {Counts[]} all @returns {Counts} */
export function addCounts(all) {
  const sum = (/** @type {keyof Counts} */ key) => all.reduce((total, counts) => total + counts[key], 0)
  return { passed: sum('passed'), failed: sum('failed') }
}

/** @param {Counts} counts */
export const lastLine = ({ passed, failed }) => `${passed} passed, ${failed} failed`
