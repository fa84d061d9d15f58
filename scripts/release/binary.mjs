// What a Linux addon asks of the system that loads it, by readelf and nm, and whether that is what is promised.
import { spawnSync } from 'node:child_process'

/** Debian 12 and newer, Ubuntu 22.04, RHEL 9: where pthread and dl moved into libc. */
export const newestGlibc = '2.34'
const nodeApi = ['napi_register_module_v1', 'node_api_module_get_api_version_v1']
const systemLibrary = /^(libc|libm|libgcc_s|libpthread|libdl|ld-linux.*)\.so/

/**
 * @typedef {{ exported: string[], libraries: string[], versions: string[] }} Needs versions: of symbols, as GLIBC_2.34
 * @param {string} file
 * @returns {Needs}
 */
export function needsOf(file) {
  const symbols = read('nm', '--dynamic', '--defined-only', file).split('\n').filter(Boolean)
  return {
    exported: symbols.map((line) => line.split(' ').at(-1) ?? '').sort(),
    libraries: matches(read('readelf', '--wide', '--dynamic', file), /NEEDED.*\[(.*)\]/g),
    versions: [...new Set(matches(read('readelf', '--wide', '--version-info', file), /Name: (\w+_[\d.]+)/g))].sort(),
  }
}

/**
 * @param {Needs} needs
 * @returns {string[]} a sentence for each promise that is not kept
 */
export function brokenPromises({ exported, libraries, versions }) {
  const broken = []
  const strange = exported.filter((name) => !nodeApi.includes(name))
  if (strange.length > 0) broken.push(`exports ${strange.join(', ')}, expected the symbols of Node-API alone`)
  const foreign = libraries.filter((name) => !systemLibrary.test(name))
  if (foreign.length > 0) broken.push(`needs ${foreign.join(', ')}, expected the C runtime alone`)
  const tooNew = versions.filter((version) => !isOldEnough(version))
  if (tooNew.length > 0)
    broken.push(
      `needs ${tooNew.join(', ')}, expected GLIBC_${newestGlibc} at most: build on Debian 12, Ubuntu 22.04 or RHEL 9`,
    )
  return broken
}

/** @param {string} version */
function isOldEnough(version) {
  const [, library, number = ''] = version.match(/^(.*)_([\d.]+)$/) ?? []
  if (library === 'GCC') return true // of libgcc_s, which is older than any glibc that is new enough
  return library === 'GLIBC' && compare(number, newestGlibc) <= 0
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  const at = left.findIndex((part, i) => part !== (right[i] ?? 0))
  return at < 0 ? left.length - right.length : left[at] - (right[at] ?? 0)
}

/** @param {string} text @param {RegExp} pattern */
const matches = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found)

/** @param {string} command @param {string[]} args */
function read(command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}
