// Builds the addon with cmake-js. npm's "prepare" runs it in a git clone (npm install, npm ci) and
// before npm pack and npm publish; it never runs where the published package is installed.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js')
const run = (...args) => {
  const { status } = spawnSync(process.execPath, [cmakeJs, ...args], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
// "build" configures only when there is no CMakeCache.txt; a changed option needs "configure" first
const options = process.argv.slice(2)
if (options.length > 0) run('configure', ...options)
run('build', ...options)
