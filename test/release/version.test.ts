import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareVersions, isSemver } from '../../scripts/release/semver.mjs'
import { versionPlaces, versionProblems } from '../../scripts/release/versions.mjs'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

describe('a semantic version', () => {
  const inOrder = [
    '0.9.9',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
  ]
  const sorted = [...inOrder, '1.0.0', '1.2.0', '1.10.0', '2.0.0-0', '10.0.0']

  it('has three numbers, and labels', () => {
    expect(sorted.filter((text) => !isSemver(text))).toEqual([])
    expect(isSemver('1.0.0-x.7.z-92+build.05')).toBe(true)
    const wrong = ['', '1', '1.0', 'v1.0.0', '01.0.0', '1.0.0-', '1.0.0-01', '1.0.0+', '1.0.0 ', '1.0.0-a..b', '^1.0.0']
    expect(wrong.filter(isSemver)).toEqual([])
  })

  it('comes before or after another, by numbers and then by labels', () => {
    for (const [i, a] of sorted.entries())
      for (const [j, b] of sorted.entries()) expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(i - j))
    expect(compareVersions('1.0.0+a', '1.0.0+b')).toBe(0)
  })
})

it('this package says one version everywhere, and its changelog keeps the rules', () => {
  expect(versionProblems()).toEqual([])
  expect(versionPlaces().map(({ file, keys }) => `${file} ${keys.join('.')}`)).toContain(
    'packages/lengthen-cuda-linux-x64/package.json peerDependencies.lengthen',
  )
})

const changelog = '# Changelog\n\n## [Unreleased]\n\n### Added\n- All of it.\n'

/** A package with one beside it, as this one has. */
function packageOf(version: string, extra = {}): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'packages/lengthen-fast'), { recursive: true })
  const peerDependencies = { 'lengthen-fast': version }
  const write = (file: string, json: object) =>
    writeFileSync(join(folder, file), `${JSON.stringify(json, undefined, 2)}\n`)
  write('package.json', { name: 'lengthen', version, peerDependencies, scripts: { test: 'a && b' }, ...extra })
  write('package-lock.json', {
    version,
    packages: { '': { version, peerDependencies }, 'node_modules/a': { version } },
  })
  write('packages/lengthen-fast/package.json', {
    name: 'lengthen-fast',
    version,
    peerDependencies: { lengthen: version },
  })
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog)
  return folder
}

function setVersion(version: string, folder: string) {
  const script = join(root, 'scripts/release/version.mjs')
  return spawnSync(process.execPath, [script, version, folder], { encoding: 'utf8' })
}

const read = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8')

describe('version.mjs', () => {
  it('sets the version everywhere, and dates what was unreleased', () => {
    const folder = packageOf('0.1.0', { repository: { url: 'git+https://example.org/a.git' } })
    writeFileSync(join(folder, 'CHANGELOG.md'), `${changelog}\n[Unreleased]: https://example.org/a/commits/HEAD\n`)
    const before = read(folder, 'package.json')
    const { status, stdout, stderr } = setVersion('0.2.0', folder)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('git tag v0.2.0')
    expect(versionProblems(folder)).toEqual([])
    expect(versionPlaces(folder).map(({ value }) => value)).toEqual(Array(7).fill('0.2.0'))
    expect(read(folder, 'package.json')).toBe(before.replaceAll('0.1.0', '0.2.0'))
    expect(JSON.parse(read(folder, 'package-lock.json')).packages['node_modules/a'].version).toBe('0.1.0')
    expect(read(folder, 'CHANGELOG.md')).toMatch(/## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n- All of it\.\n/)
  })

  it('releases the version that there is, where it never was released', () => {
    const folder = packageOf('0.1.0')
    expect(setVersion('0.1.0', folder).status).toBe(0)
    expect(setVersion('0.1.0', folder)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/above 0\.1\.0, got 0\.1\.0/),
    })
  })

  it.each([
    ['a version that is none', '1.0', /expected a semantic version, got "1\.0"/],
    ['a lower version', '0.0.9', /expected a version above 0\.1\.0, got 0\.0\.9/],
  ])('refuses %s, and changes nothing', (_, version, message) => {
    const folder = packageOf('0.1.0')
    expect(setVersion(version, folder)).toMatchObject({ status: 1, stderr: expect.stringMatching(message) })
    expect(read(folder, 'CHANGELOG.md')).toBe(changelog)
    expect(versionPlaces(folder).map(({ value }) => value)).toEqual(Array(7).fill('0.1.0'))
  })

  it('tells of a package beside it with another version', () => {
    const folder = packageOf('0.1.0')
    writeFileSync(
      join(folder, 'packages/lengthen-fast/package.json'),
      JSON.stringify({ name: 'lengthen-fast', version: '0.0.9', peerDependencies: { lengthen: '0.1.0' } }),
    )
    expect(versionProblems(folder)).toEqual([
      'packages/lengthen-fast/package.json: expected 0.1.0 for version, got 0.0.9',
    ])
  })
})
