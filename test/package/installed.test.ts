// Which addon an installed package loads, seen from a process of its own: lengthen with its prebuilt addon, and a stand-in for the CUDA
// package beside it.
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { addonFile } from '../../lib/native.js'
import { cudaPackage, howToGetCuda } from '../../lib/native-file.js'
import { packageVersion } from '../../lib/version.js'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const prebuilt = `prebuilds/${process.platform}-${process.arch}/lengthen.node`

/** A node_modules with lengthen in it, without its sources and its build. */
function application(): string {
  const modules = join(realpathSync(temporaryFolder()), 'node_modules')
  const lengthen = join(modules, 'lengthen')
  cpSync(join(root, 'dist'), join(lengthen, 'dist'), { recursive: true, filter: (name) => !name.endsWith('.d.ts') })
  copyFileSync(join(root, 'package.json'), join(lengthen, 'package.json'))
  cpSync(addonFile, join(lengthen, prebuilt), { recursive: true })
  symlinkSync(join(root, 'node_modules/node-gyp-build'), join(modules, 'node-gyp-build'))
  return modules
}

function addCudaPackage(modules: string, version: string): void {
  const folder = join(modules, cudaPackage)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: cudaPackage, version, main: 'lengthen.node' }))
  copyFileSync(addonFile, join(folder, 'lengthen.node'))
}

/** The file that was loaded, from the folder of node_modules, or the error's message. */
function loaded(modules: string, env: Record<string, string> = {}): string {
  const module = pathToFileURL(join(modules, 'lengthen/dist/native.js')).href
  const code = `import(${JSON.stringify(module)}).then((m) => m.addonFile, (e) => e.code + ': ' + e.message).then(console.log)`
  const { LENGTHEN_PREBUILD, LENGTHEN_ADDON, ...outside } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--eval', code], {
    cwd: modules,
    env: { ...outside, ...env },
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  return stdout.trim().replace(`${modules}/`, '')
}

test('lengthen loads its prebuilt addon, and the CUDA package’s where that is installed and not passed over', () => {
  const modules = application()
  expect(loaded(modules)).toBe(`lengthen/${prebuilt}`)
  expect(loaded(modules, { LENGTHEN_ADDON: 'cuda' })).toBe(
    `UnsupportedError: [addon] LENGTHEN_ADDON=cuda needs ${howToGetCuda()}`,
  )
  addCudaPackage(modules, packageVersion)
  expect(loaded(modules)).toBe(`${cudaPackage}/lengthen.node`)
  expect(loaded(modules, { LENGTHEN_ADDON: 'cpu' })).toBe(`lengthen/${prebuilt}`)
})

test('a CUDA package of another version is refused before it is loaded', () => {
  const modules = application()
  addCudaPackage(modules, '0.0.9')
  expect(loaded(modules)).toMatch(
    /^UnsupportedError: \[addon\] expected lengthen-cuda-linux-x64 \S+ beside .*, got 0\.0\.9/,
  )
})

test.each(['', 'not an addon'])(
  'an addon that is no addon is told of, with the platform and the doctor: "%s"',
  (content) => {
    const modules = application()
    writeFileSync(join(modules, 'lengthen', prebuilt), content)
    expect(loaded(modules)).toMatch(
      /^UnsupportedError: \[addon\] does not load on \w+-\w+.*: .*lengthen\.node: .*; npx lengthen doctor says more$/,
    )
  },
)
