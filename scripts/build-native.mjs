// Builds the addon with cmake-js, and with --tests the C++ tests; does nothing when what it would build is current.
// npm's "prepare" runs it in a git clone (npm install, npm ci) and before npm pack and npm publish; it never runs where
// the published package is installed. Other arguments go to cmake-js, for example --CDLENGTHEN_CUDA=ON.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { hasCommand } from './setup/probe.mjs'
import { isCurrent, root, runStep } from './stamp.mjs'

const options = process.argv.slice(2).filter((argument) => argument !== '--tests')
const [step, target] = process.argv.includes('--tests')
  ? ['cppTests', 'lengthen_cpp_test']
  : ['addon', 'lengthen_addon']
if (options.length > 0)
  build() // perhaps into another folder, which no stamp speaks of
else if (!isCurrent(step)) await runStep(step, build)

function build() {
  removeForeignCache()
  // cmake-js configures by itself only when there is no CMakeCache.txt; a changed option or a test library that was
  // installed since the last build need it again.
  cmakeJs('configure', ...options)
  cmakeJs('build', '--target', target, ...options)
}

function cmakeJs(...args) {
  const bin = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js')
  const { status } = spawnSync(process.execPath, [bin, ...args, '--log-level=warn'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

// CMake refuses a cache that another generator wrote (Ninja came or went), or that was copied from another folder.
function removeForeignCache() {
  const build = path.join(root, 'build')
  const cacheFile = path.join(build, 'CMakeCache.txt')
  if (!fs.existsSync(cacheFile)) return
  const cache = fs.readFileSync(cacheFile, 'utf8')
  const value = (key) => cache.match(new RegExp(`^${key}:[A-Z]+=(.*)$`, 'm'))?.[1]
  const isElsewhere = path.resolve(value('CMAKE_HOME_DIRECTORY') ?? '') !== path.resolve(root)
  const isOtherGenerator = (value('CMAKE_GENERATOR') === 'Ninja') !== hasCommand('ninja')
  if (isElsewhere || isOtherGenerator) fs.rmSync(build, { recursive: true, force: true })
}
