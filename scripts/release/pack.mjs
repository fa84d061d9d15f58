// node scripts/release/pack.mjs: the package, as it is published, into build/release/lengthen.tgz. Refused where prebuilds are missing
// or out of date, as `npm pack` is.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../stamp.mjs'
import { packInto } from './stage.mjs'
import { tarball } from './steps.mjs'

const file = path.join(root, tarball)
const folder = path.dirname(file)
for (const script of ['scripts/release/require-prebuilds.mjs', 'scripts/build-typescript.mjs']) run(script)
fs.rmSync(folder, { recursive: true, force: true })
fs.mkdirSync(folder, { recursive: true })
const made = packInto(folder)
fs.renameSync(made, file)
console.log(`${tarball}: ${path.basename(made)}`)

/** @param {string} script */
function run(script) {
  const { status } = spawnSync(process.execPath, [script], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
