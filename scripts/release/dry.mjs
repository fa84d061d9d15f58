// npm run release:dry [-- --skip NAME,… | --only NAME,… | --skip-tests]: a release with everything but publishing. Stops at the first
// step that fails, with its output; ends with a table of the steps, their times and verdicts.
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { root } from '../stamp.mjs'
import { chosen, table, warningsIn } from './report.mjs'
import { steps } from './steps.mjs'

/** @typedef {import('./report.mjs').Result} Result */

try {
  const { values } = parseArgs({
    options: { skip: { type: 'string' }, only: { type: 'string' }, 'skip-tests': { type: 'boolean' } },
  })
  await goThrough(chosen(steps, { ...values, skipTests: values['skip-tests'] }))
} catch (error) {
  console.error(`[release:dry] ${error.message}`)
  process.exitCode = 2
}

/** @param {(import('./steps.mjs').Step & { isSkipped: boolean })[]} plan */
async function goThrough(plan) {
  /** @type {Result[]} */
  const results = []
  for (const step of plan) {
    const hasFailed = results.some(({ verdict }) => verdict === 'failed')
    results.push(
      step.isSkipped || hasFailed ? { ...step, verdict: hasFailed ? 'not reached' : 'skipped' } : await run(step),
    )
  }
  console.log(`\n${table(results)}`)
  process.exitCode = results.some(({ verdict }) => verdict === 'failed') ? 1 : 0
}

/** @param {import('./steps.mjs').Step} step @returns {Promise<Result>} */
async function run(step) {
  const command = [step.command, step.dry].filter(Boolean).join(' ')
  console.log(`== ${step.name}: ${command}`)
  const started = performance.now()
  const { status, text } = await output(command)
  const seconds = (performance.now() - started) / 1000
  const warnings = warningsIn(text)
  console.log(status === 0 ? warnings.join('\n') || lastLine(text) : text)
  return { ...step, seconds, warnings, verdict: status === 0 ? 'passed' : 'failed' }
}

/** @param {string} command @returns {Promise<{ status: number | null, text: string }>} */
function output(command) {
  const [program = '', ...args] = command.split(' ')
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const parts = /** @type {string[]} */ ([])
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => parts.push(part))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, text: parts.join('') }))
  })
}

/** @param {string} text */
function lastLine(text) {
  return text.trimEnd().split('\n').at(-1) ?? ''
}
