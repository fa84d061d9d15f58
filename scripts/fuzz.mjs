// npm run fuzz [-- --times 50] [--seconds 600] [--seed 7] [--only grading]: the tests of hostile files with so many times the cases that
// npm test takes, and any string through the grader for so many seconds, drawn from another seed. As it is: about three minutes.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './stamp.mjs'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
    only: { type: 'string', default: '' },
  },
})
const { times, seconds, seed, only } = values
console.log(
  `${times} times the usual cases, ${seconds} seconds of grading; to see them again: npm run fuzz -- --times ${times} --seconds ${seconds} --seed ${seed}`,
)
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', `test/hostile/${only}`, '--testTimeout=0'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, LENGTHEN_FUZZ_TIMES: times, LENGTHEN_FUZZ_SECONDS: seconds, LENGTHEN_FUZZ_SEED: seed },
})
process.exitCode = status ?? 1
