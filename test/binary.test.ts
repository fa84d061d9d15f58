// What was built, seen with readelf and nm: the addon's exports and libraries, and that code compiled for one instruction
// set cannot replace another's. Needs Linux and binutils, as the build does; skipped without them.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { root, sourceFiles } from './helpers/source-files.js'

const addon = `${root}build/Release/lengthen.node`
const objects = `${root}build/CMakeFiles`
const hasTools = process.platform === 'linux' && existsSync(addon) && has('nm') && has('readelf')

function has(command: string): boolean {
  return spawnSync(command, ['--version']).status === 0
}

function lines(command: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  return stdout.split('\n').filter((line) => line !== '')
}

describe.skipIf(!hasTools)('the addon', () => {
  it('exports the two symbols of Node-API and no other', () => {
    const names = lines('nm', '--dynamic', '--defined-only', addon).map((line) => line.split(' ').at(-1))
    expect(names.sort()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1'])
  })

  it('needs the C runtime and nothing else', () => {
    const needed = lines('readelf', '--dynamic', addon).flatMap((line) => line.match(/NEEDED.*\[(.*)\]/)?.[1] ?? [])
    const runtime = /^(libc|libm|libgcc_s|libpthread|libdl|ld-linux.*)\.so/
    expect(needed.filter((name) => !runtime.test(name))).toEqual([])
  })
})

// Weak code (an inline function, a template from a shared header) exists once per program: the linker would take one
// target's copy for all, and a processor without AVX-512 would then run AVX-512.
describe.skipIf(!hasTools || process.arch !== 'x64')('kernel objects', () => {
  it.each([
    ['plain', 0],
    ['avx2', 1],
    ['avx512', 2],
  ])('for %s define only kernels of their own target', (target, number) => {
    const isKernel = new RegExp(`^void lengthen::[\\w:]+::run<\\(lengthen::Target\\)${number}>\\(\\) const$`)
    const files = sourceFiles('cpp/kernels', /\.cpp$/)
      .map((file) => `${objects}/lengthen_kernels_${target}.dir/${file}.o`)
      .filter(existsSync)
    expect(files).not.toEqual([])
    const symbols = lines('nm', '--print-file-name', '--demangle', '--defined-only', '--extern-only', ...files)
    const foreign = symbols.filter((line) => !isKernel.test(line.replace(/^.*?\.o:[0-9a-f]* *\w /, '')))
    expect(symbols).not.toEqual([])
    expect(foreign).toEqual([])
  })
})
