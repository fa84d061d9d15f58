// npm run build:prebuilds: this platform's addon into prebuilds/, by prebuildify, stripped. Takes the build there is where that
// is current, and does nothing where prebuilds/ is. What breaks a promise about the binary is not left there.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../stamp.mjs'
import { brokenPromises, needsOf } from './binary.mjs'
import { isFresh, noteBuilt } from './prebuilds.mjs'

const platform = `${process.platform}-${process.arch}`
const staging = path.join(root, 'build/prebuild')
const prebuilds = path.join(root, 'prebuilds')

if (isFresh(platform)) console.log(`prebuilds/${platform} is current`)
else build()

function build() {
  fs.rmSync(staging, { recursive: true, force: true })
  fs.mkdirSync(staging, { recursive: true })
  prebuildify()
  const [made] = fs.readdirSync(path.join(staging, 'prebuilds', platform))
  const file = path.join(staging, 'prebuilds', platform, made)
  const broken = process.platform === 'linux' ? brokenPromises(needsOf(file)) : []
  if (broken.length > 0) fail(`${made} ${broken.join('; ')}`)
  // prebuildify never empties its folder: an addon under an older name would be found first.
  fs.rmSync(path.join(prebuilds, platform), { recursive: true, force: true })
  fs.mkdirSync(prebuilds, { recursive: true })
  fs.renameSync(path.dirname(file), path.join(prebuilds, platform))
  noteBuilt(`${platform}/${made}`)
  const { size } = fs.statSync(path.join(prebuilds, platform, made))
  console.log(`prebuilds/${platform}/${made}: ${(size / 1e6).toFixed(2)} MB`)
}

function prebuildify() {
  const bin = createRequire(import.meta.url).resolve('prebuildify/bin.js')
  const builder = path.join(root, 'scripts/release/cmake-js-as-node-gyp.mjs')
  const options = ['--napi', '--strip', '--tag-libc', '--name', 'lengthen', '--node-gyp', builder, '--cwd', staging]
  const { status } = spawnSync(process.execPath, [bin, ...options], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`[prebuilds] ${message}`)
  process.exit(1)
}
