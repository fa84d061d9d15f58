// The package as it would be published: made, warmed up for, installed with nothing but npm's cache, and looked through.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { packInto } from '../release/stage.mjs'
import { root } from '../stamp.mjs'
import { output } from './spawn.mjs'

const largestBytes = 5e6
const expected =
  /^(dist|recipes|docs|examples)\/|^prebuilds\/linux-x64\/lengthen\.glibc\.node$|^[A-Z-]+(\.md)?$|^package\.json$/
const quiet = ['--no-audit', '--no-fund', '--no-update-notifier']

/** @param {string} folder where it is put @returns {Promise<{ tarball: string, bytes: number }>} */
export async function pack(folder) {
  for (const script of ['scripts/release/require-prebuilds.mjs', 'scripts/build-typescript.mjs'])
    await output(process.execPath, [script], { cwd: root })
  const tarball = packInto(folder)
  const bytes = fs.statSync(tarball).size
  if (bytes > largestBytes) throw new Error(`expected ${largestBytes} bytes at most for the tarball, got ${bytes}`)
  return { tarball, bytes }
}

/**
 * npm's cache with what an installation needs: once for each list of dependencies, and by an installation, since npm asks for
 * the lists of versions as well.
 * @param {string} tarball @param {string} folder an empty one @param {string} caches
 */
export async function warmCache(tarball, folder, caches) {
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  const name = createHash('sha256').update(JSON.stringify(dependencies)).digest('hex').slice(0, 16)
  const cache = path.join(caches, name)
  if (fs.existsSync(cache)) return cache
  const making = fs.mkdtempSync(path.join(caches, `${name}-`)) // renamed when whole
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n')
  await output('npm', ['install', '--silent', ...quiet, '--cache', making, tarball], { cwd: folder })
  fs.renameSync(making, cache)
  return cache
}

/**
 * @param {import('./sandbox.mjs').Sandbox} sandbox
 * @param {{ tarball: string, cache: string, application: string, registry: string }} from
 */
export async function install(sandbox, { tarball, cache, application, registry }) {
  fs.writeFileSync(path.join(application, 'package.json'), '{ "private": true }\n')
  const args = ['install', '--offline', ...quiet, '--cache', cache, '--registry', registry, tarball]
  const ended = await sandbox.run('npm', args, { cwd: application, node: process.execPath })
  if (ended.status !== 0) throw new Error(`npm install --offline ended with ${ended.status}:\n${ended.stderr}`)
  return ended
}

/** @param {string} application @returns {string[]} what should not be as it is */
export function faultsOf(application) {
  const folder = path.join(application, 'node_modules/lengthen')
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => fs.statSync(path.join(folder, name)).isFile())
  const unexpected = files.filter((name) => !expected.test(name) || /^dist\/.*(\.test\.|(?<!\.d)\.ts$)/.test(name))
  const missing = ['LICENSE', 'README.md', 'THIRD-PARTY.md', 'dist/index.js', 'dist/index.d.ts'].filter(
    (name) => !files.includes(name),
  )
  const maps = files.filter((name) => name.endsWith('.map') && !hasSources(path.join(folder, name)))
  return [
    ...unexpected.map((name) => `${name} is in the package`),
    ...missing.map((name) => `${name} is not in the package`),
    ...maps.map((name) => `${name} points at sources that are not in the package`),
    ...withInstallScript(application).map((place) => `${place} runs a script when it is installed`),
  ]
}

/** @param {string} file a source map */
function hasSources(file) {
  const { sources, sourcesContent = [] } = JSON.parse(fs.readFileSync(file, 'utf8'))
  return sources.length === sourcesContent.length
}

/** @param {string} application @returns {string[]} */
function withInstallScript(application) {
  const lock = JSON.parse(fs.readFileSync(path.join(application, 'package-lock.json'), 'utf8'))
  return Object.keys(lock.packages).filter((place) => lock.packages[place].hasInstallScript)
}
