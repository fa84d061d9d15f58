// Which prebuilt addons there are, and whether they were made from the present sources. By content, not by time: a fresh
// checkout has new times and the same sources. prebuilds/built-from.json holds the hashes and is not packed.
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { contentFingerprint, root } from '../stamp.mjs'

/** What every package must hold: one addon that chooses its kernels where it runs. */
export const published = ['linux-x64/lengthen.glibc.node']

const sources = ['CMakeLists.txt', 'cmake', 'cpp', 'binding', 'cuda', 'scripts/build-native.mjs']
const builders = ['cmake-js', 'node-addon-api', 'node-api-headers']

/** @typedef {Record<string, { sources: string, sha256: string }>} BuiltFrom by path in prebuilds/ */

/** @param {string} [base] @returns {string} of what goes into an addon, tests left out */
export function sourcesNow(base = root) {
  const { packages } = JSON.parse(fs.readFileSync(path.join(base, 'package-lock.json'), 'utf8'))
  const versions = builders.map((name) => `${name}@${packages[`node_modules/${name}`].version}`)
  const hash = contentFingerprint(sources, base, (file) => !file.startsWith(`cpp${path.sep}test`))
  return createHash('sha256')
    .update([hash, ...versions].join('\n'))
    .digest('hex')
}

/** @param {string} name @param {string} [base] */
export function noteBuilt(name, base = root) {
  const noted = { ...builtFrom(base), [name]: { sources: sourcesNow(base), sha256: sha256(fileOf(name, base)) } }
  fs.writeFileSync(noteFile(base), `${JSON.stringify(noted, undefined, 2)}\n`)
}

/** @param {string} [base] @returns {string[]} a sentence for each addon that keeps a package from being made */
export function problems(base = root) {
  const now = sourcesNow(base)
  const names = new Set([...published, ...addonsIn('', base)])
  return [...names].sort().flatMap((name) => problemOf(name, now, base) ?? [])
}

/** @param {string} platform linux-x64 @param {string} [base] */
export function isFresh(platform, base = root) {
  const names = addonsIn(`${platform}/`, base)
  const now = sourcesNow(base)
  return names.length > 0 && names.every((name) => problemOf(name, now, base) === undefined)
}

/** @param {string} name @param {string} now sourcesNow @param {string} base @returns {string | undefined} */
function problemOf(name, now, base) {
  const noted = builtFrom(base)[name]
  if (!fs.existsSync(fileOf(name, base))) return `prebuilds/${name} is missing`
  if (noted?.sha256 !== sha256(fileOf(name, base))) return `prebuilds/${name} is not what was built there`
  return noted.sources === now ? undefined : `prebuilds/${name} was made from other sources`
}

/** @param {string} start of their path @param {string} base @returns {string[]} */
function addonsIn(start, base) {
  const folder = path.join(base, 'prebuilds')
  if (!fs.existsSync(folder)) return []
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const paths = names.map((name) => name.replaceAll(path.sep, '/'))
  return paths.filter((name) => name.endsWith('.node') && name.startsWith(start))
}

/** @param {string} base @returns {BuiltFrom} */
function builtFrom(base) {
  return fs.existsSync(noteFile(base)) ? JSON.parse(fs.readFileSync(noteFile(base), 'utf8')) : {}
}

/** @param {string} base */
const noteFile = (base) => path.join(base, 'prebuilds/built-from.json')

/** @param {string} name @param {string} base */
const fileOf = (name, base) => path.join(base, 'prebuilds', name)

/** @param {string} file */
const sha256 = (file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex')
