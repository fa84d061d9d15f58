// What may be packed: an addon made from the present sources, whatever the clock says.
import { appendFileSync, cpSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isFresh, noteBuilt, problems, published } from '../../scripts/release/prebuilds.mjs'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const [addon = ''] = published
const builders = ['cmake-js', 'node-addon-api', 'node-api-headers']

/** A tiny project with a prebuilt addon. */
function project(): string {
  const base = temporaryFolder()
  mkdirSync(join(base, 'cpp/test'), { recursive: true })
  mkdirSync(join(base, 'prebuilds/linux-x64'), { recursive: true })
  writeFileSync(join(base, 'CMakeLists.txt'), 'project')
  writeFileSync(join(base, 'cpp/a.cpp'), 'a')
  writeFileSync(join(base, 'cpp/test/a_test.cpp'), 'test')
  writeFileSync(join(base, 'prebuilds', addon), 'addon')
  lock(base, '8.9.2')
  noteBuilt(addon, base)
  return base
}

function lock(base: string, version: string): void {
  const packages = Object.fromEntries(builders.map((name) => [`node_modules/${name}`, { version }]))
  writeFileSync(join(base, 'package-lock.json'), JSON.stringify({ version, packages }))
}

test('a prebuilt addon is fresh, also in a copy with other times', () => {
  const base = project()
  const copy = temporaryFolder()
  cpSync(base, copy, { recursive: true })
  utimesSync(join(copy, 'cpp/a.cpp'), 1, 1)
  expect([problems(base), problems(copy)]).toEqual([[], []])
  expect(isFresh('linux-x64', copy)).toBe(true)
})

test('tests are no part of it', () => {
  const base = project()
  appendFileSync(join(base, 'cpp/test/a_test.cpp'), 'more')
  expect(problems(base)).toEqual([])
})

test.each<[string, (base: string) => void]>([
  ['a changed source', (base) => appendFileSync(join(base, 'cpp/a.cpp'), 'a')],
  ['a new source', (base) => writeFileSync(join(base, 'cpp/b.cpp'), '')],
  ['a missing source', (base) => rmSync(join(base, 'CMakeLists.txt'))],
  ['other headers of Node-API', (base) => lock(base, '8.9.3')],
])('it is stale with %s', (_, change) => {
  const base = project()
  change(base)
  expect(problems(base)).toEqual([`prebuilds/${addon} was made from other sources`])
  expect(isFresh('linux-x64', base)).toBe(false)
})

test('one that is missing, exchanged or unknown is told of', () => {
  const base = project()
  writeFileSync(join(base, 'prebuilds', addon), 'another')
  mkdirSync(join(base, 'prebuilds/linux-arm64'))
  writeFileSync(join(base, 'prebuilds/linux-arm64/lengthen.glibc.node'), 'from elsewhere')
  expect(problems(base)).toEqual([
    'prebuilds/linux-arm64/lengthen.glibc.node is not what was built there',
    `prebuilds/${addon} is not what was built there`,
  ])
  rmSync(join(base, 'prebuilds'), { recursive: true })
  expect(problems(base)).toEqual([`prebuilds/${addon} is missing`])
  expect(isFresh('linux-x64', base)).toBe(false)
})
