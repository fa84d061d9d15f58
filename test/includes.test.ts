// The layers of the C++ side, by #include: lib → binding → cpp ← cuda. And the length of every source file.
import { describe, expect, it } from 'vitest'
import { readSource, sourceFiles } from './helpers/source-files.js'

const isCpp = /\.(h|cpp|cu|cuh)$/
const includes = ['cpp', 'binding', 'cuda'].flatMap((folder) => sourceFiles(folder, isCpp)).flatMap(includesOf)

function includesOf(file: string): { file: string; header: string }[] {
  const found = readSource(file).matchAll(/^\s*#\s*include\s*["<]([^">]+)[">]/gm)
  return [...found].map(([, header = '']) => ({ file, header }))
}

/** Includes of headers like `header` in the folders `where`. */
function offences(where: RegExp, header: RegExp): string[] {
  return includes
    .filter((one) => where.test(one.file) && header.test(one.header))
    .map((one) => `${one.file}: ${one.header}`)
}

const node = /(^|\/)(napi(-inl)?|node_api|js_native_api|node|uv|v8)\.h$/
const cuda = /^(cuda|cublas|cudnn|nccl|nvtx|nvrtc|cub\/|thrust\/|cooperative_groups|mma\.h|driver_types)/

describe('the layers of the C++ side', () => {
  it('know Node in binding/ only', () => {
    expect(offences(/^(cpp|cuda)\//, node)).toEqual([])
    expect(offences(/^(cpp|cuda)\//, /binding\//)).toEqual([])
  })

  it('know CUDA in cuda/ only, which nobody includes', () => {
    expect(offences(/^(cpp|binding)\//, cuda)).toEqual([])
    expect(offences(/^(cpp|binding)\//, /(^|\/)cuda\/|\.cuh$/)).toEqual([])
  })

  it('keep core below ops, and ops apart from the kernels', () => {
    expect(offences(/^cpp\/core\//, /^(ops|kernels|test)\//)).toEqual([])
    expect(offences(/^cpp\/ops\//, /^(kernels|test)\//)).toEqual([])
    expect(offences(/^(cpp\/kernels|binding|cuda)\//, /^test\//)).toEqual([])
  })

  it('keep cuda/device to itself', () => {
    expect(offences(/^cuda\/device\//, /^(core|ops|kernels)\//)).toEqual([])
  })
})

describe('source files', () => {
  const folders = ['binding', 'bench', 'cpp', 'cuda', 'examples', 'lib', 'scripts', 'test']
  const all = folders.flatMap((folder) => sourceFiles(folder, /\.(ts|mjs|h|cpp|cu|cuh|py)$/))

  it('have at most 400 lines', () => {
    const lines = (file: string) => readSource(file).trimEnd().split('\n').length
    expect(all.filter((file) => lines(file) > 400)).toEqual([])
  })
})
