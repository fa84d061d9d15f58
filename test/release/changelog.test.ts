import { describe, expect, it } from 'vitest'
import { linkProblems, readChangelog, releaseUnreleased } from '../../scripts/release/changelog.mjs'

const text = `# Changelog

## [Unreleased]

### Added
- A thing.
- Another, in
  two lines.

### Fixed
- A bug.

## [0.2.0-rc.1] - 2026-02-28

### Removed
- What was there.

## [0.1.0] - 2026-02-28 [YANKED]

### Added
- All of it.
`
const problemsOf = (from: string | RegExp, to: string) => readChangelog(text.replace(from, to)).problems
const url = 'https://example.org/a/b'

describe('a changelog', () => {
  it('is read by version and heading', () => {
    const { releases, problems } = readChangelog(text)
    expect(problems).toEqual([])
    expect(
      releases.map(({ name, date, sections }) => [name, date, ...sections.map((s) => `${s.kind} ${s.entries}`)]),
    ).toEqual([
      ['Unreleased', '', 'Added 2', 'Fixed 1'],
      ['0.2.0-rc.1', '2026-02-28', 'Removed 1'],
      ['0.1.0', '2026-02-28', 'Added 1'],
    ])
  })

  it.each([
    ['without its title', /^# .*/, '# Changes', /line 1: expected "# Changelog"/],
    ['with a version that is none', '[0.1.0]', '[0.1]', /line 18: .*got "## \[0.1\] - 2026/],
    ['with a day that is none', '0.1.0] - 2026-02-28', '0.1.0] - 2026-02-30', /line 18: expected/],
    ['without a day', '] - 2026-02-28 [YANKED]', ']', /line 18: expected/],
    ['with versions out of order', '[0.1.0]', '[0.2.0]', /0\.2\.0 of 2026-02-28 below 0\.2\.0-rc\.1/],
    ['with days out of order', 'rc.1] - 2026-02-28', 'rc.1] - 2026-02-27', /0\.1\.0 of 2026-02-28 below/],
    ['with a heading of its own', '### Removed', '### Gone', /expected Added, .*got Gone/],
    ['with a heading twice', '### Fixed', '### Added', /expected the headings Added, got Added, Added/],
    [
      'with headings out of order',
      '### Fixed',
      '### Fixed\n- a\n\n### Changed',
      /expected the headings Added, Changed, Fixed/,
    ],
    ['with an empty heading', '- What was there.\n', '', /nothing under Removed/],
    ['with an empty version', /### Removed\n.*\n/, '', /0\.2\.0-rc\.1: nothing in it/],
    [
      'with an entry that belongs nowhere',
      '## [Unreleased]',
      '- a\n\n## [Unreleased]',
      /line 3: an entry under no heading/,
    ],
  ])('%s is told of by line', (_, from, to, problem) => {
    expect(problemsOf(from, to).join('\n')).toMatch(problem)
  })

  it('has a link for each version where the repository is known', () => {
    const links = `\n[Unreleased]: ${url}/compare/v0.2.0-rc.1...HEAD\n[0.2.0-rc.1]: ${url}/compare/v0.1.0...v0.2.0-rc.1\n`
    const whole = `${text}${links}[0.1.0]: ${url}/releases/tag/v0.1.0\n`
    expect(linkProblems(readChangelog(text), undefined)).toEqual([])
    expect(linkProblems(readChangelog(whole), url)).toEqual([])
    expect(linkProblems(readChangelog(whole), 'https://example.org/c')).toHaveLength(3)
    expect(linkProblems(readChangelog(text + links), url)).toEqual([
      `expected "[0.1.0]: ${url}/releases/tag/v0.1.0", got no such link`,
    ])
    expect(linkProblems(readChangelog(`${text}\n[0.0.9]: ${url}\n`), undefined)).toEqual([
      'the link [0.0.9] has no heading',
    ])
  })
})

describe('a release of what is unreleased', () => {
  const release = { version: '0.2.0', date: '2026-03-01', repository: undefined }

  it('gets its heading, and leaves nothing unreleased', () => {
    const released = releaseUnreleased(text, release)
    expect(released).toBe(text.replace('## [Unreleased]\n', '## [Unreleased]\n\n## [0.2.0] - 2026-03-01\n'))
    expect(readChangelog(released).problems).toEqual([])
    expect(() => releaseUnreleased(released, release)).toThrow(/expected something under ## \[Unreleased\]/)
  })

  it('gets its link, and the others move', () => {
    const released = releaseUnreleased(text, { ...release, repository: url })
    expect(linkProblems(readChangelog(released), url)).toEqual([])
    const again = releaseUnreleased(released.replace('## [Unreleased]\n', '## [Unreleased]\n\n### Fixed\n- It.\n'), {
      ...release,
      ...{ version: '1.0.0', repository: url },
    })
    const read = readChangelog(again)
    expect([...read.links.keys()]).toEqual(['Unreleased', '1.0.0', '0.2.0', '0.2.0-rc.1', '0.1.0'])
    expect([...read.problems, ...linkProblems(read, url)]).toEqual([])
  })
})
