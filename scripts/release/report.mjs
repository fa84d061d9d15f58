// Which steps of a release are gone through, and what is said of them in the end. Pure.

/**
 * @typedef {import('./steps.mjs').Step} Step
 * @typedef {Step & { verdict: 'passed' | 'failed' | 'skipped' | 'not reached', seconds?: number, warnings?: string[] }} Result
 */

/**
 * @param {Step[]} steps
 * @param {{ skip?: string | undefined, only?: string | undefined, skipTests?: boolean | undefined }} options names, with commas between
 * @returns {(Step & { isSkipped: boolean })[]}
 */
export function chosen(steps, { skip, only, skipTests = false }) {
  const skipped = [...namesIn(skip, steps), ...(skipTests ? ['test'] : [])]
  const wanted = only === undefined ? steps.map(({ name }) => name) : namesIn(only, steps)
  return steps.map((step) => ({ ...step, isSkipped: skipped.includes(step.name) || !wanted.includes(step.name) }))
}

/** @param {string | undefined} text @param {Step[]} steps */
function namesIn(text, steps) {
  const names = text?.split(',').filter(Boolean) ?? []
  const known = steps.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`expected ${known.join(', ')}, got ${unknown.join(', ')}`)
  return names
}

/** Lines that a step wants read although it passed. @param {string} text */
export const warningsIn = (text) => text.split('\n').filter((line) => line.startsWith('warning: '))

/** @param {Result[]} results @returns {string} */
export function table(results) {
  const rows = results.map(({ name, about, verdict, seconds, warnings = [] }) => [
    name,
    about,
    seconds === undefined ? '' : `${seconds.toFixed(1)} s`,
    warnings.length > 0 ? `${verdict}, ${warnings.length} warning${warnings.length > 1 ? 's' : ''}` : verdict,
  ])
  const total = results.reduce((sum, { seconds = 0 }) => sum + seconds, 0)
  const all = [['step', 'what', 'time', 'verdict'], ...rows, ['in all', '', `${total.toFixed(1)} s`, '']]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map(([name = '', about = '', time = '', verdict = '']) =>
      [name.padEnd(widths[0] ?? 0), about.padEnd(widths[1] ?? 0), time.padStart(widths[2] ?? 0), verdict]
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
