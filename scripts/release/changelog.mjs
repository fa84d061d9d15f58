// CHANGELOG.md by the rules of Keep a Changelog 1.1.0: what it holds, what is wrong with it, and a release made of what is unreleased.
import { compareVersions, isSemver } from './semver.mjs'

const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']
export const unreleased = 'Unreleased'

/**
 * @typedef {{ kind: string, entries: number }} Section
 * @typedef {{ name: string, date: string, line: number, sections: Section[] }} Release name: a version, or Unreleased
 * @typedef {{ releases: Release[], links: Map<string, string>, problems: string[] }} Changelog
 */

/** @param {string} text @returns {Changelog} */
export function readChangelog(text) {
  /** @type {Changelog} */
  const changelog = { releases: [], links: new Map(), problems: [] }
  const lines = text.split('\n')
  if (lines[0] !== '# Changelog') changelog.problems.push('line 1: expected "# Changelog"')
  for (const [i, line] of lines.entries()) readLine(line, i + 1, changelog)
  changelog.problems.push(...orderProblems(changelog.releases), ...changelog.releases.flatMap(sectionProblems))
  return changelog
}

/** @param {string} line @param {number} at @param {Changelog} changelog */
function readLine(line, at, { releases, links, problems }) {
  const link = line.match(/^\[([^\]]+)\]: (\S+)$/)
  if (link) links.set(link[1] ?? '', link[2] ?? '')
  else if (line.startsWith('## ')) readHeading(line, at, { releases, problems })
  else if (line.startsWith('### ')) releases.at(-1)?.sections.push({ kind: line.slice(4), entries: 0 })
  else if (line.startsWith('- ')) {
    const section = releases.at(-1)?.sections.at(-1)
    if (section) section.entries++
    else problems.push(`line ${at}: an entry under no heading`)
  }
}

/** @param {string} line @param {number} at @param {Pick<Changelog, 'releases' | 'problems'>} changelog */
function readHeading(line, at, { releases, problems }) {
  const [, name = '', date = ''] = line.match(/^## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?(?: \[YANKED\])?$/) ?? []
  if (name === unreleased ? date !== '' : !isSemver(name) || !isDate(date))
    problems.push(`line ${at}: expected "## [${unreleased}]" or "## [1.2.3] - 2026-01-31", got "${line}"`)
  releases.push({ name, date, line: at, sections: [] })
}

/** @param {string} text */
const isDate = (text) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)

/** The newest first. @param {Release[]} releases */
function orderProblems(releases) {
  return releases.slice(1).flatMap((release, i) => {
    const above = /** @type {Release} */ (releases[i])
    if (release.name === unreleased) return [`line ${release.line}: ${unreleased} stands first`]
    if (above.name === unreleased || !isSemver(above.name) || !isSemver(release.name)) return []
    const isInOrder = compareVersions(above.name, release.name) > 0 && above.date >= release.date
    return isInOrder
      ? []
      : [`line ${release.line}: ${release.name} of ${release.date} below ${above.name} of ${above.date}`]
  })
}

/** @param {Release} release @returns {string[]} */
function sectionProblems({ name, line, sections }) {
  const names = sections.map(({ kind }) => kind)
  const sorted = kinds.filter((kind) => names.includes(kind))
  const place = `line ${line}: ${name}:`
  const strange = names.filter((kind) => !kinds.includes(kind))
  if (strange.length > 0) return [`${place} expected ${kinds.join(', ')}, got ${strange.join(', ')}`]
  if (names.join() !== sorted.join())
    return [`${place} expected the headings ${sorted.join(', ')}, got ${names.join(', ')}`]
  const empty = sections.filter(({ entries }) => entries === 0)
  if (empty.length > 0) return empty.map(({ kind }) => `${place} nothing under ${kind}`)
  return names.length === 0 && name !== unreleased ? [`${place} nothing in it`] : []
}

/**
 * Where the repository is known, every heading is a link to what changed.
 * @param {Changelog} changelog
 * @param {string | undefined} repository its address
 * @returns {string[]}
 */
export function linkProblems({ releases, links }, repository) {
  const expected = repository === undefined ? new Map() : linksOf(releases, repository)
  const names = new Set(releases.map(({ name }) => name))
  const stale = [...links.keys()].filter((name) => (isSemver(name) || name === unreleased) && !names.has(name))
  const wrong = [...expected].filter(([name, url]) => links.get(name) !== url)
  return [
    ...stale.map((name) => `the link [${name}] has no heading`),
    ...wrong.map(([name, url]) => `expected "[${name}]: ${url}", got ${links.get(name) ?? 'no such link'}`),
  ]
}

/** @param {Release[]} releases @param {string} repository @returns {Map<string, string>} */
function linksOf(releases, repository) {
  const tag = (/** @type {Release} */ { name }) => (name === unreleased ? 'HEAD' : `v${name}`)
  return new Map(
    releases.map((release, i) => {
      const before = releases[i + 1]
      const first =
        release.name === unreleased ? `${repository}/commits/HEAD` : `${repository}/releases/tag/${tag(release)}`
      return [release.name, before ? `${repository}/compare/${tag(before)}...${tag(release)}` : first]
    }),
  )
}

/**
 * @param {string} text
 * @param {{ version: string, date: string, repository: string | undefined }} release
 * @returns {string} with what was unreleased under the version's heading, and nothing unreleased
 */
export function releaseUnreleased(text, { version, date, repository }) {
  const heading = `## [${unreleased}]\n`
  const { releases } = readChangelog(text)
  const first = releases[0]
  if (first?.name !== unreleased || first.sections.length === 0)
    throw new Error(`expected something under ${heading.trim()} in CHANGELOG.md, got nothing`)
  const moved = text.replace(heading, `${heading}\n## [${version}] - ${date}\n`)
  if (repository === undefined) return moved
  const links = [...linksOf(readChangelog(moved).releases, repository)].map(([name, url]) => `[${name}]: ${url}`)
  const body = moved.replace(/^\[[^\]]+\]: \S+\n/gm, '').trimEnd()
  return `${body}\n\n${links.join('\n')}\n`
}
