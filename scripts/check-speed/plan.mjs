// The quickstart's plan against its run: this machine is timed, the quickstart runs, and the machine is timed again; with the
// lengths that came, the plan of every phase and of the whole is within 20% of what happened. The mean of the two calibrations counts.
// Where they differ by more than that themselves the machine was not calm: such an attempt counts for nothing, however it came out, and
// there are three at most. Two that agree do not show that the run between them had the machine to itself.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const most = 0.2
const attempts = 3
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const recipe = fileURLToPath(new URL('../../recipes/quickstart.yaml', import.meta.url))
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-plan-'))
const env = { ...process.env, XDG_CACHE_HOME: folder }

function lengthen(...args) {
  const options = { env, encoding: 'utf8', maxBuffer: 2 ** 28 }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args, '--json'], options)
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const sum = ({ rollout, learning }) => rollout + learning
const seconds = (value) => value.toFixed(1).padStart(7)
const percent = (value) => `${value >= 0 ? '+' : '−'}${(100 * Math.abs(value)).toFixed(1)}%`.padStart(7)

/** Rows of name, planned before and after, and what happened. */
function attempt(number) {
  lengthen('plan', recipe, '--calibrate')
  const run = path.join(folder, `run-${number}`)
  const events = lengthen('train', recipe, '--out', run)
  const [before] = lengthen('plan', run)
  const [after] = lengthen('plan', run, '--calibrate')
  const rows = before.phasesCompared.map(({ name, seconds }, i) => ({
    name,
    planned: [sum(seconds.givenLengths), sum(after.phasesCompared[i].seconds.givenLengths)],
    happened: sum(seconds.happened),
  }))
  const distill = events.findLast(({ type }) => type === 'distill')
  // Its steps have the plan's mean length only over all of them, and it ends where its level is reached: by tokens.
  const perToken = ({ phases: [{ expected }] }) =>
    Object.values(expected.seconds).reduce((a, b) => a + b, 0) / expected.trainedTokens
  const tokens = distill.tokensPerSecond * distill.seconds
  const planned = [before, after].map((event) => perToken(event) * tokens)
  rows.unshift({ name: 'distill', planned, happened: distill.seconds })
  const total = (of) => rows.reduce((all, row) => all + of(row), 0)
  rows.push({
    name: 'all',
    planned: [0, 1].map((i) => total(({ planned }) => planned[i])),
    happened: total(({ happened }) => happened),
  })
  const spreads = [before, after].map(({ calibration }) => `±${(100 * calibration.spread).toFixed(0)}%`)
  console.log(
    `seconds of each phase; repeats of the calibrations ${spreads.join(' and ')}, load ${os.loadavg()[0].toFixed(1)}`,
  )
  console.log('phase         before   after  happened  off by')
  for (const { name, planned, happened } of rows) {
    const error = mean(planned) / happened - 1
    console.log(
      `${name.padEnd(12)} ${seconds(planned[0])} ${seconds(planned[1])}  ${seconds(happened)} ${percent(error)}`,
    )
  }
  return rows
}

const mean = ([a, b]) => (a + b) / 2
const isKept = (rows) => rows.every(({ planned, happened }) => Math.abs(mean(planned) / happened - 1) <= most)
const isCalm = (rows) => {
  const [before, after] = rows.at(-1).planned
  return Math.abs(after / before - 1) <= most
}

try {
  let rows = []
  for (let number = 1; number <= attempts; number++) {
    rows = attempt(number)
    if (isCalm(rows)) break
    console.log('not calm: the two calibrations differ by more than the bar')
  }
  const verdict = isCalm(rows) ? (isKept(rows) ? 'kept' : 'broken') : 'not told, the machine is not calm'
  console.log(`${verdict}: every phase and the whole within ${100 * most}% of the plan`)
  process.exitCode = verdict === 'kept' ? 0 : 1
} finally {
  fs.rmSync(folder, { recursive: true })
}
