// Knows whether a build step has to run: a stamp holds a fingerprint (path, size and time of every source) of its last
// success. Unlike one newest time, a fingerprint also notices a file that was deleted or put back with an older time.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export const steps = {
  addon: {
    sources: ['CMakeLists.txt', 'cmake', 'cpp', 'binding', 'cuda', 'package-lock.json', 'scripts/build-native.mjs'],
    output: 'build/Release/lengthen.node',
  },
  cppTests: {
    sources: ['CMakeLists.txt', 'cmake', 'cpp', 'cuda', 'package-lock.json', 'scripts/build-native.mjs'],
    output: 'build/lengthen_cpp_test',
  },
  typescript: {
    sources: [
      'lib',
      'tsconfig.json',
      'tsconfig.build.json',
      'package-lock.json',
      'scripts/bundle.mjs',
      'scripts/declarations.mjs',
      'scripts/flatten-schemas.mjs',
    ],
    output: 'dist/index.js',
  },
}

/**
 * @param {string[]} sources files and folders
 * @param {string} [base] the folder they are in
 * @returns {string} changes when a file in them is edited, added, removed or renamed
 */
export function fingerprint(sources, base = root) {
  const hash = createHash('sha256')
  for (const file of sources.flatMap((source) => filesUnder(path.join(base, source)))) {
    const { size, mtimeMs } = fs.statSync(file)
    hash.update(`${path.relative(base, file)}\0${size}\0${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/**
 * The same by content alone, for what is compared across checkouts.
 * @param {string[]} sources files and folders
 * @param {string} [base] the folder they are in
 * @param {(file: string) => boolean} [isSource] by the path from base
 * @returns {string}
 */
export function contentFingerprint(sources, base = root, isSource = () => true) {
  const hash = createHash('sha256')
  for (const file of sources.flatMap((source) => filesUnder(path.join(base, source)))) {
    const name = path.relative(base, file)
    if (isSource(name)) hash.update(`${name}\0${createHash('sha256').update(fs.readFileSync(file)).digest('hex')}\n`)
  }
  return hash.digest('hex')
}

/** @param {keyof typeof steps} name */
export function isCurrent(name) {
  const { sources, output } = steps[name]
  if (!fs.existsSync(path.join(root, output)) || !fs.existsSync(stampFile(name))) return false
  return fs.readFileSync(stampFile(name), 'utf8') === fingerprint(sources)
}

/**
 * Runs the step unless it is current. Sources edited while it runs leave it out of date, as they should.
 * @param {keyof typeof steps} name
 * @param {() => void | Promise<void>} run throws or exits on failure
 */
export async function runStep(name, run) {
  const before = fingerprint(steps[name].sources)
  fs.rmSync(stampFile(name), { force: true })
  await run()
  fs.mkdirSync(path.dirname(stampFile(name)), { recursive: true })
  fs.writeFileSync(stampFile(name), before)
}

/** @param {string} name */
const stampFile = (name) => path.join(root, 'build/stamps', name)

/** @param {string} place @returns {string[]} */
function filesUnder(place) {
  const found = fs.statSync(place, { throwIfNoEntry: false })
  if (!found) return []
  if (!found.isDirectory()) return [place]
  const names = fs.readdirSync(place).sort()
  return names.flatMap((name) => filesUnder(path.join(place, name)))
}
