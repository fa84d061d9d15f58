// npm runs this before `npm pack` and `npm publish` in packages/lengthen-cuda-linux-x64 ("prepack"): builds the addon with its
// CUDA kernels into build-cuda/ and puts it there, stripped. Refuses where that cannot be done, or the versions differ.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../stamp.mjs'
import { brokenPromises, needsOf } from './binary.mjs'

const folder = path.join(root, 'packages/lengthen-cuda-linux-x64')
const addon = path.join(folder, 'lengthen.node')

requireSameVersions()
requireKernels()
build()
const broken = brokenPromises(needsOf(addon))
if (!fs.readFileSync(addon).includes('cudaGetDeviceCount')) broken.push('has no CUDA runtime in it')
if (broken.length > 0) fail(broken.join('; '))

function requireSameVersions() {
  const { version, peerDependencies } = manifest(folder)
  const { version: wanted, peerDependencies: peers } = manifest(root)
  const all = [version, peerDependencies.lengthen, peers['lengthen-cuda-linux-x64']]
  if (all.some((each) => each !== wanted))
    fail(`expected ${wanted}, lengthen's version, everywhere, got ${all.join(', ')}`)
}

// CMake refuses as well, after minutes of looking for tools that may not be there.
function requireKernels() {
  const cuda = path.join(root, 'cuda')
  const names = fs.existsSync(cuda) ? fs.readdirSync(cuda, { recursive: true, encoding: 'utf8' }) : []
  if (!names.some((name) => name.endsWith('.cu')))
    fail('there is no CUDA build: this source tree has no CUDA kernels yet')
}

function build() {
  const options = ['-O', 'build-cuda/build', '--CDLENGTHEN_CUDA=ON']
  run(process.execPath, 'scripts/build-native.mjs', ...options)
  fs.copyFileSync(path.join(root, 'build-cuda/build/Release/lengthen.node'), addon)
  run('strip', '--strip-all', addon)
  for (const name of ['LICENSE', 'THIRD-PARTY.md']) fs.copyFileSync(path.join(root, name), path.join(folder, name))
}

/** @param {string} command @param {string[]} args */
function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) fail(`${command} ${args.join(' ')} failed`)
}

/** @param {string} place */
function manifest(place) {
  return JSON.parse(fs.readFileSync(path.join(place, 'package.json'), 'utf8'))
}

/** @param {string} message @returns {never} */
function fail(message) {
  fs.rmSync(addon, { force: true })
  console.error(`[pack] lengthen-cuda-linux-x64: ${message}`)
  process.exit(1)
}
