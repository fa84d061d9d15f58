// node scripts/release/pack.mjs: npm pack, into build/release/lengthen.tgz. npm itself refuses by "prepack" where prebuilds are missing
// or out of date.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../stamp.mjs'
import { tarball } from './steps.mjs'

const file = path.join(root, tarball)
const folder = path.dirname(file)
fs.rmSync(folder, { recursive: true, force: true })
fs.mkdirSync(folder, { recursive: true })
const options = { cwd: root, stdio: /** @type {const} */ ('inherit') }
const { status } = spawnSync('npm', ['pack', '--loglevel=error', '--pack-destination', folder], options)
if (status !== 0) process.exit(status ?? 1)
const [made = ''] = fs.readdirSync(folder)
fs.renameSync(path.join(folder, made), file)
console.log(`${tarball}: ${made}`)
