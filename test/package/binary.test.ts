// The promises about a prebuilt addon, and that the prebuilt one keeps them where there is one (npm run build:prebuilds). The
// build of a clone may ask for a newer glibc: its own system's.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { brokenPromises, needsOf } from '../../scripts/release/binary.mjs'
import { published } from '../../scripts/release/prebuilds.mjs'
import { root } from '../helpers/source-files.js'

const exported = ['napi_register_module_v1', 'node_api_module_get_api_version_v1']
const good = {
  exported,
  libraries: ['libm.so.6', 'libgcc_s.so.1', 'libc.so.6'],
  versions: ['GCC_3.0', 'GLIBC_2.2.5', 'GLIBC_2.34'],
}

describe('a prebuilt addon', () => {
  test('may need the C runtime up to glibc 2.34', () => {
    expect(brokenPromises(good)).toEqual([])
  })

  test.each([
    ['GLIBC_2.34.1', 'GLIBC_2.34.1'],
    ['GLIBC_2.38', 'GLIBC_2.38'],
    ['GLIBC_3.1', 'GLIBC_3.1'],
    ['GLIBCXX_3.4.30', 'GLIBCXX_3.4.30'],
    ['CXXABI_1.3', 'CXXABI_1.3'],
  ])('may not need %s', (version, named) => {
    expect(brokenPromises({ ...good, versions: ['GLIBC_2.4', version] })).toEqual([
      `needs ${named}, expected GLIBC_2.34 at most: build on Debian 12, Ubuntu 22.04 or RHEL 9`,
    ])
  })

  test('may neither need other libraries nor export other symbols', () => {
    expect(
      brokenPromises({ ...good, libraries: ['libstdc++.so.6'], exported: [...exported, '_ZNSt6vectorIfE'] }),
    ).toEqual([
      'exports _ZNSt6vectorIfE, expected the symbols of Node-API alone',
      'needs libstdc++.so.6, expected the C runtime alone',
    ])
  })

  const file = join(root, 'prebuilds', published[0] ?? '')
  const hasTools = ['nm', 'readelf'].every((tool) => spawnSync(tool, ['--version']).status === 0)
  test.skipIf(!existsSync(file) || !hasTools)('keeps them, and is stripped', () => {
    const needs = needsOf(file)
    expect(needs.exported).toEqual(exported)
    expect(needs.versions).toContain('GLIBC_2.34')
    expect(brokenPromises(needs)).toEqual([])
    expect(spawnSync('nm', [file], { encoding: 'utf8' }).stderr).toContain('no symbols')
    expect(statSync(file).size).toBeLessThan(5e6)
  })
})
