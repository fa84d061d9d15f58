// The build tools: what counts as having one, and the command that installs what is missing. Pure.

/**
 * @typedef {{ has: boolean, found?: string }} Probe what is there; found says what was there instead
 * @typedef {'compiler' | 'cmake' | 'ninja' | 'doctest'} Tool
 * @typedef {{ name: string, install: string, packages: Record<Tool, string> }} PackageManager
 */

/** @type {Record<Tool, string>} */
export const titles = {
  compiler: 'a C++20 compiler',
  cmake: 'CMake 3.22 or newer',
  ninja: 'Ninja',
  doctest: 'doctest (for the C++ tests)',
}

/** As Debian calls them, and as their makers do. */
const debian = { compiler: 'g++', cmake: 'cmake', ninja: 'ninja-build', doctest: 'doctest-dev' }
const plain = { compiler: 'gcc', cmake: 'cmake', ninja: 'ninja', doctest: 'doctest' }

/** @type {PackageManager[]} */
const packageManagers = [
  { name: 'apt-get', install: 'apt-get install -y', packages: debian },
  { name: 'dnf', install: 'dnf install -y', packages: { ...debian, compiler: 'gcc-c++', doctest: 'doctest-devel' } },
  { name: 'pacman', install: 'pacman -S --needed', packages: plain },
  { name: 'apk', install: 'apk add', packages: debian },
  { name: 'brew', install: 'brew install', packages: plain },
]

/**
 * @param {Record<Tool, Probe>} probes
 * @param {boolean} isForTests
 * @returns {Tool[]}
 */
export function missingTools(probes, isForTests) {
  /** @type {Tool[]} */
  const wanted = isForTests ? ['compiler', 'cmake', 'ninja', 'doctest'] : ['compiler', 'cmake', 'ninja']
  return wanted.filter((tool) => !probes[tool].has)
}

/**
 * @param {Tool[]} missing
 * @param {Record<Tool, Probe>} probes
 * @returns {string} one sentence naming what is missing, and what was found in its place
 */
export function describe(missing, probes) {
  const parts = missing.map((tool) => {
    const { found } = probes[tool]
    return found ? `${titles[tool]} (found ${found})` : titles[tool]
  })
  return `Building lengthen needs ${new Intl.ListFormat('en').format(parts)}.`
}

/**
 * @param {Tool[]} missing
 * @param {(name: string) => boolean} hasCommand
 * @param {boolean} isRoot
 * @returns {string | undefined} undefined where no known package manager is installed
 */
export function installCommand(missing, hasCommand, isRoot) {
  const manager = packageManagers.find(({ name }) => hasCommand(name))
  if (!manager) return undefined
  const packages = missing.map((tool) => manager.packages[tool])
  const sudo = isRoot || manager.name === 'brew' ? '' : 'sudo '
  return `${sudo}${manager.install} ${packages.join(' ')}`
}

/**
 * @param {string} text what `cmake --version` prints
 * @returns {Probe}
 */
export function cmakeProbe(text) {
  const version = text.match(/(\d+)\.(\d+)(\.\d+)?/)
  if (!version) return { has: false }
  const [major, minor] = [Number(version[1]), Number(version[2])]
  return { has: major > 3 || (major === 3 && minor >= 22), found: version[0] }
}
