// Whether node_modules holds what package-lock.json says. Pure.

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} Entry
 * @typedef {{ packages?: Record<string, Entry> }} Lock
 */

/**
 * @param {Lock} lock package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json, which npm writes after an install
 */
export function isInstalled(lock, installed) {
  const wanted = Object.entries(lock.packages ?? {}).filter(([place]) => place !== '')
  const have = installed.packages ?? {}
  const isThere = ([place, entry]) => {
    const found = have[place]
    // Packages for other platforms are left out.
    if (!found) return entry.optional === true || entry.devOptional === true
    return found.version === entry.version && found.integrity === entry.integrity
  }
  const places = new Set(wanted.map(([place]) => place))
  return wanted.every(isThere) && Object.keys(have).every((place) => places.has(place))
}
