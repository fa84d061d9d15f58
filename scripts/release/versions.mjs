// The places that say which version this is, and whether they say the same.
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../stamp.mjs'
import { linkProblems, readChangelog, unreleased } from './changelog.mjs'
import { isSemver } from './semver.mjs'

/** @typedef {{ file: string, keys: string[], value: string | undefined }} Place keys: the way to the value */

/** @param {string} [base] @returns {Place[]} */
export function versionPlaces(base = root) {
  const main = placesIn(base, 'package.json', [['version']])
  const lock = placesIn(base, 'package-lock.json', [['version'], ['packages', '', 'version']])
  const ours = companions(base)
  const peers = ours.flatMap(({ name }) => [
    ...placesIn(base, 'package.json', [['peerDependencies', name]]),
    ...placesIn(base, 'package-lock.json', [['packages', '', 'peerDependencies', name]]),
  ])
  const theirs = ours.flatMap(({ file }) => placesIn(base, file, [['version'], ['peerDependencies', 'lengthen']]))
  return [...main, ...lock, ...peers, ...theirs]
}

/** Packages that are released with this one. @param {string} base */
function companions(base) {
  const folder = path.join(base, 'packages')
  if (!fs.existsSync(folder)) return []
  const files = fs.readdirSync(folder).map((name) => path.posix.join('packages', name, 'package.json'))
  return files.map((file) => ({ file, name: readJson(base, file).name }))
}

/** @param {string} base @param {string} file @param {string[][]} ways @returns {Place[]} */
function placesIn(base, file, ways) {
  const json = readJson(base, file)
  return ways.map((keys) => ({ file, keys, value: keys.reduce((value, key) => value?.[key], json) }))
}

/** @param {string} base @param {string} version */
export function setVersions(base, version) {
  for (const { file, keys } of versionPlaces(base)) {
    const json = readJson(base, file)
    const holder = keys.slice(0, -1).reduce((value, key) => value[key], json)
    holder[/** @type {string} */ (keys.at(-1))] = version
    fs.writeFileSync(path.join(base, file), `${JSON.stringify(json, undefined, 2)}\n`)
  }
}

/** @param {string} [base] @returns {string[]} what is wrong with versions and changelog, whether or not they are released */
export function versionProblems(base = root) {
  const version = versionOf(base)
  const strange = isSemver(version) ? [] : [`package.json: expected a semantic version, got ${version}`]
  const other = versionPlaces(base).filter(({ value }) => value !== version)
  const changelog = readChangelog(changelogOf(base))
  const names = changelog.releases.map(({ name }) => name)
  const hasSection = names.includes(version) || names.includes(unreleased)
  return [
    ...strange,
    ...other.map(({ file, keys, value }) => `${file}: expected ${version} for ${keys.join('.')}, got ${value}`),
    ...[...changelog.problems, ...linkProblems(changelog, repositoryOf(base))].map(
      (problem) => `CHANGELOG.md: ${problem}`,
    ),
    ...(hasSection ? [] : [`CHANGELOG.md: expected a section [${unreleased}] or [${version}], got neither`]),
  ]
}

/** @param {string} [base] @returns {string} */
export const versionOf = (base = root) => readJson(base, 'package.json').version

/** @param {string} [base] @returns {string} */
export const changelogOf = (base = root) => fs.readFileSync(path.join(base, 'CHANGELOG.md'), 'utf8')

/** As a browser takes it. @param {string} [base] @returns {string | undefined} */
export function repositoryOf(base = root) {
  const { repository } = readJson(base, 'package.json')
  const url = typeof repository === 'object' ? repository.url : repository
  return url
    ?.replace(/^git\+/, '')
    .replace(/^github:/, 'https://github.com/')
    .replace(/\.git$/, '')
}

/** @param {string} base @param {string} file */
const readJson = (base, file) => JSON.parse(fs.readFileSync(path.join(base, file), 'utf8'))
