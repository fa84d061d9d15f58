// Semantic versions, by https://semver.org: which texts are one, and which of two comes first.

const number = '(0|[1-9]\\d*)'
const label = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][\\da-zA-Z-]*)'
const pattern = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-(${label}(?:\\.${label})*))?(?:\\+[\\da-zA-Z-]+(?:\\.[\\da-zA-Z-]+)*)?$`,
)

/** @param {string} text */
export const isSemver = (text) => pattern.test(text)

/** @param {string} a @param {string} b @returns {number} below 0 where a comes before b; what stands behind + does not count */
export function compareVersions(a, b) {
  const [left, right] = [partsOf(a), partsOf(b)]
  return firstDifference(left.numbers, right.numbers) || comparePrereleases(left.labels, right.labels)
}

/** @param {string} version */
function partsOf(version) {
  const found = version.match(pattern)
  if (!found) throw new Error(`expected a semantic version, got ${version}`)
  const [, major, minor, patch, prerelease] = found
  return { numbers: [major, minor, patch].map(Number), labels: prerelease?.split('.') ?? [] }
}

/** A release comes after all of its prereleases. @param {string[]} a @param {string[]} b */
function comparePrereleases(a, b) {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (const [i, label] of a.entries()) {
    const order = b[i] === undefined ? 1 : compareLabels(label, b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers come before words. @param {string} a @param {string} b */
function compareLabels(a, b) {
  const [isLeft, isRight] = [a, b].map((label) => /^\d+$/.test(label))
  if (isLeft && isRight) return Number(a) - Number(b)
  if (isLeft !== isRight) return isLeft ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}

/** @param {number[]} a @param {number[]} b */
const firstDifference = (a, b) => a.map((value, i) => value - (b[i] ?? 0)).find((difference) => difference !== 0) ?? 0
