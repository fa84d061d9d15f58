// What it costs to import the package and to ask the command line for help, each in new processes, the median of eleven after
// two that warm the disk's cache: import under 150 ms, from the first statement of a program that is running;
// `lengthen --help` under 200 ms, the whole process, Node's own start included.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const numRuns = 11
const numWarmUps = 2
const program = `const started = performance.now(); await import('lengthen'); console.log(performance.now() - started)`
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

check("import 'lengthen'", 150, () => Number(node('--input-type=module', '--eval', program)))
check('lengthen --help', 200, () => clocked(() => node(main, '--help')))
console.log(`of which Node itself: ${median(() => clocked(() => node('--eval', '0'))).toFixed(0)} ms`)

/** @param {string} title @param {number} barMs @param {() => number} run milliseconds of one run */
function check(title, barMs, run) {
  const ms = median(run)
  console.log(`${ms < barMs ? 'kept' : 'broken'}: ${title} takes ${ms.toFixed(0)} ms, at most ${barMs}`)
  if (ms >= barMs) process.exitCode = 1
}

function median(run) {
  for (let i = 0; i < numWarmUps; i++) run()
  return Array.from({ length: numRuns }, run).sort((a, b) => a - b)[(numRuns - 1) / 2]
}

function clocked(run) {
  const started = performance.now()
  run()
  return performance.now() - started
}

function node(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}
