// Runs before `npm start` and (with --tests) before `npm test`: gets what is missing and builds what is out of date, so
// that a fresh clone needs nothing else. Node's own modules only: node_modules may not be there yet.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { installWithApt } from './setup/apt.mjs'
import { isInstalled } from './setup/lockfile.mjs'
import { hasCommand, probeTools } from './setup/probe.mjs'
import { describe, installCommand, missingTools } from './setup/tools.mjs'
import { isCurrent, root } from './stamp.mjs'
import { lastLine } from './test/counts.mjs'

const isForTests = process.argv.includes('--tests')
// `npm test` ends here when this fails, and its last line is promised.
process.on('exit', (status) => {
  if (isForTests && status !== 0) console.log(lastLine({ passed: 0, failed: 1 }))
})

const hasPackages = arePackagesInstalled()
const isBuilt = () => isCurrent('addon') && (!isForTests || isCurrent('cppTests'))
if (!hasPackages || !isBuilt()) await requireTools()
if (!hasPackages) installPackages()
// Each does nothing when current: `npm ci` has just built all but the tests.
if (!isCurrent('addon')) node('scripts/build-native.mjs')
if (isForTests && !isCurrent('cppTests')) node('scripts/build-native.mjs', '--tests')
if (!isCurrent('typescript')) node('scripts/build-typescript.mjs')

async function requireTools() {
  const probes = probeTools()
  const missing = missingTools(probes, isForTests)
  if (missing.length === 0) return
  console.log(describe(missing, probes))
  const isRoot = process.getuid?.() === 0
  const command = installCommand(missing, hasCommand, isRoot)
  if (isRoot && fs.existsSync('/etc/debian_version') && command?.startsWith('apt-get ')) {
    if (await installWithApt(command)) return requireInstalled()
  }
  console.error(command ? `To install: ${command}` : 'Install these, and run the same command again.')
  process.exit(1)
}

// A distribution's newest may still be too old.
function requireInstalled() {
  const probes = probeTools()
  const missing = missingTools(probes, isForTests)
  if (missing.length === 0) return
  console.error(`After installing, something is still missing. ${describe(missing, probes)}`)
  process.exit(1)
}

function arePackagesInstalled() {
  const read = (file) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'))
  const installed = 'node_modules/.package-lock.json'
  return fs.existsSync(path.join(root, installed)) && isInstalled(read('package-lock.json'), read(installed))
}

function installPackages() {
  console.log('Installing npm packages and building: npm ci')
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund']
  const npm = process.env.npm_execpath // npm's own script, when npm started this
  exitUnless(npm?.endsWith('.js') ? spawn(process.execPath, [npm, ...args]) : spawn('npm', args))
}

function node(...args) {
  exitUnless(spawn(process.execPath, args))
}

function spawn(program, args) {
  return spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status
}

function exitUnless(status) {
  if (status !== 0) process.exit(status ?? 1)
}
