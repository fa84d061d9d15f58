import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findCublas } from '../../../lib/cli/doctor/cublas.js'
import { driverVersion, parseNvidiaSmi } from '../../../lib/cli/doctor/cuda.js'
import { cachedFolders, findLibrary, loaderPlaces } from '../../../lib/cli/doctor/libraries.js'
import { outputOf, programOnPath, safeFolders } from '../../../lib/cli/doctor/system.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

test('the driver’s version is read, of either kind of kernel module', () => {
  const closed = 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12\nGCC version: 12.2.0\n'
  const open = 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build\n'
  expect([closed, open, ''].map(driverVersion)).toEqual(['535.183.01', '580.95.05', null])
})

test('what nvidia-smi prints is read, with and without the compute capability', () => {
  expect(parseNvidiaSmi('580.95.05, 143771, NVIDIA H200, 9.0\n580.95.05, 143771, NVIDIA H200, 9.0\n')).toEqual({
    driverVersion: '580.95.05',
    gpus: Array(2).fill({ name: 'NVIDIA H200', memoryBytes: 143771 * 2 ** 20, computeCapability: '9.0' }),
  })
  const shared = { name: 'NVIDIA GB10', memoryBytes: null, computeCapability: null }
  expect(parseNvidiaSmi('580.1, [N/A], NVIDIA GB10\n').gpus).toEqual([shared])
  const mismatch =
    'Failed to initialize NVML: Driver/library version mismatch, NVML library version: 580.65, and more\n'
  for (const message of ['No devices were found\n', mismatch])
    expect(parseNvidiaSmi(message)).toEqual({ driverVersion: null, gpus: [] })
})

const cache = `2 libs found in cache
\tlibcublasLt.so.12 (libc6,x86-64) => /opt/cuda/lib/libcublasLt.so.12
\tlibold.so.1 (libc6) => /lib32/libold.so.1
\tlibcuda.so.1 (libc6,x86-64, OS ABI: Linux 2.6.24) => /lib/wide/libcuda.so.1
`

test('the loader’s cache names its folders, of 64 bits', () => {
  expect(cachedFolders(cache)).toEqual(['/opt/cuda/lib', '/lib/wide'])
})

function put(...path: string[]): string {
  const file = join(...path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
  return file
}

const nowhere = () => ({ toolkits: temporaryFolder(), home: temporaryFolder() })

test('cuBLAS is looked up by name, by the loader, in toolkits and where pip puts it, the newest first', () => {
  const places = nowhere()
  expect(findCublas([], {}, places)).toBeNull()
  const pip = put(places.home, '.local/lib/python3.11/site-packages/nvidia/cublas/lib/libcublasLt.so.12')
  expect(findCublas([], {}, places)).toEqual({ file: pip, foundBy: 'pip' })
  const newer = put(places.home, '.local/lib/python3.11/site-packages/nvidia/cu13/lib/libcublasLt.so.13')
  expect(findCublas([], {}, places)).toEqual({ file: newer, foundBy: 'pip' })
  put(places.toolkits, 'cuda-12.4/lib64/libcublasLt.so.12')
  const toolkit = put(places.toolkits, 'cuda-13.0/targets/x86_64-linux/lib/libcublasLt.so.13')
  expect(findCublas([], {}, places)).toEqual({ file: toolkit, foundBy: 'the CUDA toolkit' })
  const folder = temporaryFolder()
  const loaded = put(folder, 'libcublasLt.so.13')
  const loader = loaderPlaces({ LD_LIBRARY_PATH: folder }, [])
  expect(findCublas(loader, {}, places)).toEqual({ file: loaded, foundBy: 'the loader' })
  const asked = put(temporaryFolder(), 'libcublasLt.so.12')
  for (const path of [asked, dirname(asked)])
    expect(findCublas(loader, { LENGTHEN_CUBLAS: path }, places)).toEqual({ file: asked, foundBy: 'LENGTHEN_CUBLAS' })
})

test('a file that is not called cuBLAS is not taken for it', () => {
  const folder = temporaryFolder()
  const named = (name: string) => findCublas([], { LENGTHEN_CUBLAS: put(folder, name) }, nowhere())
  expect(['passwd', 'libcublas.so.13', 'libcublasLt.so.11'].map(named)).toEqual([null, null, null])
  expect(named('libcublasLt.so.13.1.0.3')?.foundBy).toBe('LENGTHEN_CUBLAS')
})

test('nothing is taken from the working directory, nor in place of what was asked for', () => {
  const places = nowhere()
  const folder = temporaryFolder()
  put(folder, 'libcublasLt.so.13')
  put(folder, 'lib64/libcublasLt.so.13')
  const before = process.cwd()
  process.chdir(folder)
  try {
    const loader = loaderPlaces({ LD_LIBRARY_PATH: ':.:./lib64:' }, [])
    expect(findLibrary([{ by: 'pip', folders: safeFolders(':.:./lib64:') }], ['libcublasLt.so.13'])).toBeNull()
    expect(loader[0]?.folders.every((path) => path.startsWith('/'))).toBe(true)
    for (const env of [{ CUDA_HOME: '.' }, { VIRTUAL_ENV: '.' }, { LENGTHEN_CUBLAS: '.' }])
      expect(findCublas([], env, places)).toBeNull()
    put(folder, 'nvidia-smi')
    expect(programOnPath('nvidia-smi', '.::bin')).toBeUndefined()
  } finally {
    process.chdir(before)
  }
  const other = loaderPlaces({ LD_LIBRARY_PATH: folder }, [])
  expect(findCublas(other, { LENGTHEN_CUBLAS: join(folder, 'none') }, places)).toBeNull()
})

test('a program that fails, hangs or is not there says nothing', async () => {
  const node = process.execPath
  expect(await outputOf(node, ['-p', '1+1'])).toBe('2\n')
  expect(await outputOf(node, ['-e', 'process.exit(3)'])).toBeUndefined()
  expect(await outputOf(node, ['-e', 'setInterval(() => {}, 1e3)'], { timeoutMs: 300 })).toBeUndefined()
  expect(await outputOf('/no/such/program', [])).toBeUndefined()
})
