// npm run check:quickstart [-- --seeds 1,2,3]: carries out the quickstart for each seed, once more with learning rate 0
// for the first, and the control without lengthening; prints the figures and fails where a promise is not kept:
// at least 20 points from base to end, a gain of every stage at its own limit, less than 3 points at learning rate 0.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './stamp.mjs'

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '11,12,13' } } })
const seeds = values.seeds.split(',')
const broken = []
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-quickstart-'))

const points = (share) => (100 * share).toFixed(1)

/** @param {string} recipe @param {string} seed @param {string[]} settings */
function run(recipe, seed, settings = []) {
  const name = [recipe, seed, ...settings].join('-')
  const set = [`seed=${seed}`, ...settings].flatMap((setting) => ['--set', setting])
  const args = [
    'dist/cli/main.js',
    'train',
    `recipes/${recipe}.yaml`,
    '--json',
    '--out',
    path.join(folder, name),
    ...set,
  ]
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${name} ended with status ${status}`)
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { phases } = events.at(-1)
  const trainSeconds = events.filter(({ type }) => type === 'step').reduce((sum, { seconds }) => sum + seconds, 0)
  console.log(`${name}: ${phases.map(show).join(', ')}; ${trainSeconds.toFixed(0)} s of training`)
  return phases
}

function show({ name, passAt1, standardError, atOwnLimit: own }) {
  const gain = own
    ? ` (${own.after.maxResponseTokens}: ${points(own.before.passAt1)} → ${points(own.after.passAt1)})`
    : ''
  return `${name} ${points(passAt1)} ± ${points(standardError)}${gain}`
}

const rise = (phases) => phases.at(-1).passAt1 - phases[0].passAt1

for (const seed of seeds) {
  const phases = run('quickstart', seed)
  if (rise(phases) < 0.2) broken.push(`seed ${seed} gained ${points(rise(phases))} points`)
  for (const { name, atOwnLimit: own } of phases)
    if (own && own.after.passAt1 <= own.before.passAt1) broken.push(`seed ${seed}: no gain in ${name}`)
  run('quickstart-long', seed)
}
const moved = Math.abs(rise(run('quickstart', seeds[0], ['optimizer.learningRate=0'])))
if (moved >= 0.03) broken.push(`with learning rate 0, pass@1 moved by ${points(moved)} points`)
fs.rmSync(folder, { recursive: true })
console.log(broken.length === 0 ? 'every promise kept' : broken.join('\n'))
process.exitCode = broken.length === 0 ? 0 : 1
