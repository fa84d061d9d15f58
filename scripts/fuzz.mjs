// npm run fuzz [-- --times 50] [--seed 7]: the tests of hostile files with so many times the cases that npm test takes, drawn
// from another seed. As it is: about two minutes.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './stamp.mjs'

const { values } = parseArgs({
  options: { times: { type: 'string', default: '10' }, seed: { type: 'string', default: `${Date.now() % 2 ** 31}` } },
})
console.log(
  `${values.times} times the usual cases; to see them again: npm run fuzz -- --times ${values.times} --seed ${values.seed}`,
)
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/hostile', '--testTimeout=0'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, LENGTHEN_FUZZ_TIMES: values.times, LENGTHEN_FUZZ_SEED: values.seed },
})
process.exitCode = status ?? 1
