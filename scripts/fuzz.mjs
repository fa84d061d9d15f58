// npm run fuzz [-- --runs 5000] [--seed 7]: the tests of hostile files with more cases than npm test takes, or others.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './stamp.mjs'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '2000' }, seed: { type: 'string', default: `${Date.now() % 2 ** 31}` } },
})
console.log(
  `${values.runs} cases a property; to see them again: npm run fuzz -- --runs ${values.runs} --seed ${values.seed}`,
)
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/hostile', '--testTimeout=0'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, LENGTHEN_FUZZ_RUNS: values.runs, LENGTHEN_FUZZ_SEED: values.seed },
})
process.exitCode = status ?? 1
