import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Platform, thisPlatform } from '../../lib/native-file.js'
import { loadProblem } from '../../lib/native-problem.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const linux: Platform = { name: 'linux-x64', libc: 'glibc', glibcVersion: '2.36' }
const none = 'No native build was found for platform=linux arch=x64 runtime=node\n    loaded from: /x/lengthen\n'

test('a platform without a prebuilt addon is told of the one there is, and of a clone', () => {
  const problem = loadProblem(none, temporaryFolder(), {
    name: 'darwin-arm64',
    libc: undefined,
    glibcVersion: undefined,
  })
  expect(problem).toMatch(/^\[addon\] prebuilt for linux-x64 with glibc 2\.34 or newer, and this is darwin-arm64\. /)
  expect(problem).toMatch(/In a clone of the sources npm ci builds it .*, and npm install FOLDER_OF_THE_CLONE/)
})

test('musl is named: its x64 looks like the prebuilt one', () => {
  const musl = loadProblem(none, temporaryFolder(), { ...linux, libc: 'musl', glibcVersion: undefined })
  expect(musl).toContain('and this is linux-x64 with musl. In a clone')
})

test('a glibc that is too old is named with its version', () => {
  const said = "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /x/lengthen.node)"
  const problem = loadProblem(said, temporaryFolder(), { ...linux, glibcVersion: '2.31' })
  expect(problem).toContain('glibc 2.34 or newer, and this is linux-x64 with glibc 2.31 (/lib')
  expect(problem).toContain("`GLIBC_2.34' not found")
  expect(problem).toContain('In a clone')
})

test('a clone that was not built, and a package that lost its addon, are told apart', () => {
  const clone = temporaryFolder()
  writeFileSync(join(clone, 'CMakeLists.txt'), '')
  expect(loadProblem(none, clone, linux)).toBe(
    '[addon] not built for linux-x64 with glibc 2.36 in /x/lengthen: npm run build builds it',
  )
  expect(loadProblem(none, temporaryFolder(), linux)).toBe(
    '[addon] nothing for linux-x64 with glibc 2.36 in /x/lengthen: install lengthen again',
  )
})

test('anything else the loader said is passed on in one line, with whom to ask', () => {
  expect(loadProblem('libm.so.6: cannot open\n  shared object file\n', temporaryFolder(), linux)).toBe(
    '[addon] does not load on linux-x64 with glibc 2.36: libm.so.6: cannot open, shared object file; npx lengthen doctor says more',
  )
})

test.runIf(process.platform === 'linux')('this platform has a libc', () => {
  const { name, libc, glibcVersion } = thisPlatform()
  expect(name).toBe(`linux-${process.arch}`)
  expect(libc).toMatch(/^(glibc|musl)$/)
  expect(glibcVersion === undefined).toBe(libc === 'musl')
})
