import { describe, expect, it, test } from 'vitest'
import type { AddonFile } from '../../../lib/cli/doctor/addon-file.js'
import type { Cuda } from '../../../lib/cli/doctor/cuda.js'
import type { Examination } from '../../../lib/cli/doctor/examination.js'
import { findingIds } from '../../../lib/cli/doctor/findings/finding.js'
import { findingsOf } from '../../../lib/cli/doctor/findings/index.js'
import { amiss, engine, installation, machine, noCuda, tools, well, withGpu } from './well.js'

test('where all is well, every finding is, with nothing to mend', () => {
  expect(amiss(well)).toEqual([])
  const findings = findingsOf({
    ...well,
    cuda: withGpu,
    engine: { ...engine, cuda: { ...engine.cuda, isBuilt: true, isUsable: true } },
  })
  expect(findings.map(({ id }) => id)).toEqual(findingIds)
  expect(findings.every(({ status, fix }) => status === 'ok' && fix === null)).toBe(true)
})

describe('an old Node', () => {
  it.each([
    ['nvm', 'nvm install --lts'],
    ['fnm', 'fnm install --lts'],
    ['volta', 'volta install node@lts'],
    ['brew', 'brew upgrade node'],
    [null, 'sudo npm install --global n && sudo n lts'],
  ] as const)('is mended by what manages versions here: %s', (nodeManager, fix) => {
    const old = { ...well, machine: { ...machine, node: 'v20.18.3' }, tools: { ...tools, nodeManager } }
    expect(amiss(old)).toEqual([
      {
        id: 'node',
        status: 'problem',
        text: 'Node v20.18.3 is not one that lengthen runs on: it needs ^20.19.0 || >=22.12.0',
        fix,
      },
    ])
  })
})

const file: AddonFile = {
  ...{ file: '/app/node_modules/lengthen/prebuilds/linux-x64/lengthen.glibc.node', bytes: 3_000_000, format: 'ELF' },
  ...{ arch: 'x64', isCutShort: false, glibcNeeded: '2.34' },
}

const broken = (changes: Partial<Examination> = {}): Examination => ({
  ...well,
  ...{ engine: null, engineProblem: { about: 'addon', message: '[addon] does not load' }, rates: null },
  ...{ addonFiles: [file], ...changes },
})

const mended = (examination: Examination) => amiss(examination).find(({ id }) => id === 'addon')

describe('an addon that does not load', () => {
  it.each([
    ['npm', false, 'npm uninstall lengthen && npm install lengthen@1.2.3'],
    ['npm', true, 'npm uninstall --global lengthen && npm install --global lengthen@1.2.3'],
    ['pnpm', false, 'pnpm remove lengthen && pnpm add lengthen@1.2.3'],
    ['yarn', false, 'yarn remove lengthen && yarn add lengthen@1.2.3'],
    ['bun', false, 'bun remove lengthen && bun add lengthen@1.2.3'],
  ] as const)('is installed again by %s, global: %s', (packageManager, isGlobal, fix) => {
    const found = mended(broken({ installation: { ...installation, packageManager, isGlobal } }))
    expect(found).toMatchObject({ status: 'problem', text: '[addon] does not load', fix })
  })

  it.each([
    [{ bytes: 0, format: 'unknown' }, 'is empty or may not be read'],
    [{ format: 'unknown' }, 'is no addon for linux-x64, nor for any other'],
    [{ format: 'Mach-O' }, 'is no addon for linux-x64, but Mach-O'],
    [{ arch: 'arm64' }, 'is for arm64, and this is linux-x64'],
    [{ isCutShort: true }, 'is cut short at 2.9 MiB'],
    [{ glibcNeeded: '2.38' }, 'needs glibc 2.38, and this is 2.36'],
  ] as const)('is looked into: %o', (changes, fault) => {
    expect(mended(broken({ addonFiles: [{ ...file, ...changes }] }))?.text).toBe(
      `[addon] does not load; ${file.file} ${fault}`,
    )
  })

  it('is built in a clone, after what building needs', () => {
    const clone = { ...installation, kind: 'clone' as const }
    expect(mended(broken({ installation: clone }))?.fix).toBe('npm run build')
    const bare = { ...tools, installBuildTools: 'sudo apt-get install -y g++' }
    expect(mended(broken({ installation: clone, tools: bare }))?.fix).toBe(
      'sudo apt-get install -y g++ && npm run build',
    )
  })

  it.each([
    ['an old glibc', { glibcVersion: '2.31' }],
    ['musl', { libc: 'musl', glibcVersion: null }],
    ['arm64', { platform: 'linux-arm64' }],
    ['macOS', { platform: 'darwin-arm64', libc: null, glibcVersion: null }],
  ] as const)('is built from the sources on %s', (_, changes) => {
    const elsewhere = broken({ machine: { ...machine, ...changes } })
    expect(mended(elsewhere)?.fix).toBe('(cd FOLDER_OF_A_CLONE && npm ci) && npm install FOLDER_OF_A_CLONE')
    expect(amiss(elsewhere).find(({ id }) => id === 'platform')?.text).toMatch(/ has no prebuilt addon/)
    const repository = 'https://host.example/lengthen.git'
    expect(mended({ ...elsewhere, installation: { ...installation, repository } })?.fix).toBe(
      `git clone ${repository} lengthen-sources && (cd ./lengthen-sources && npm ci) && npm install ./lengthen-sources`,
    )
  })

  it('needs Linux on Windows', () => {
    const windows = { ...machine, platform: 'win32-x64', libc: null, glibcVersion: null }
    expect(mended(broken({ machine: windows }))?.fix).toBe('wsl --install')
  })

  it.each([
    [[{ name: 'LENGTHEN_PREBUILD', value: '/x' }], noCuda, 'unset LENGTHEN_PREBUILD'],
    [[{ name: 'LENGTHEN_ADDON', value: 'gpu' }], noCuda, 'unset LENGTHEN_ADDON'],
    [[{ name: 'LENGTHEN_ADDON', value: 'cuda' }], noCuda, 'unset LENGTHEN_ADDON'], // there is no package to install yet
    [[], { ...withGpu, package: { version: '1.2.2', folder: '' } }, 'npm install lengthen-cuda-linux-x64@1.2.3'],
    [[], withGpu, 'export LENGTHEN_ADDON=cpu'],
  ])('may be what was asked for: %o', (environment, cuda, fix) => {
    expect(mended(broken({ environment, cuda }))?.fix).toBe(fix)
  })
})

test('what the environment asks for in vain is to be unset', () => {
  const asked = (about: 'kernels' | 'threads') => ({
    ...broken(),
    engineProblem: { about, message: 'no' },
    addonFiles: [],
  })
  expect(amiss(asked('kernels'))).toEqual([{ id: 'kernels', status: 'problem', text: 'no', fix: 'unset LENGTHEN_ISA' }])
  expect(amiss(asked('threads'))).toEqual([
    { id: 'threads', status: 'problem', text: 'no', fix: 'unset LENGTHEN_THREADS' },
  ])
})

test('an addon that is older than its sources is to be built', () => {
  const addon = { ...engine.addon, file: 'a.node', newerSource: 'cpp/core/queue.cpp' }
  const text = 'a.node is older than cpp/core/queue.cpp'
  expect(amiss({ ...well, engine: { ...engine, addon } })).toEqual([
    { id: 'addon', status: 'note', text, fix: 'npm run build' },
  ])
})

test.each([
  [16, '16 threads share 8 CPUs because of LENGTHEN_THREADS=16: they wait for each other'],
  [2, '2 of 8 CPUs are used because of LENGTHEN_THREADS=2'],
])('threads that are too many or too few by the environment are a note: %i', (numThreads, text) => {
  const threads = { numThreads, why: `LENGTHEN_THREADS=${numThreads}` }
  expect(amiss({ ...well, engine: { ...engine, threads } })).toEqual([
    { id: 'threads', status: 'note', text, fix: 'unset LENGTHEN_THREADS' },
  ])
})

test('a quota bounds the threads that are too many', () => {
  const threads = { numThreads: 2, why: 'LENGTHEN_THREADS=2' }
  const quota = { ...well, machine: { ...machine, numCpusByQuota: 1.5 }, engine: { ...engine, threads } }
  expect(amiss(quota)).toEqual([])
})

test('lesser kernels than the processor runs are a note', () => {
  const kernels = { target: 'avx2', best: 'avx512', why: 'LENGTHEN_ISA=avx2' }
  expect(amiss({ ...well, engine: { ...engine, kernels } })).toMatchObject([
    { id: 'kernels', status: 'note', fix: 'unset LENGTHEN_ISA' },
  ])
  const plain = { target: 'plain', best: 'plain', why: 'the best that this processor runs' }
  expect(amiss({ ...well, engine: { ...engine, kernels: plain } })).toMatchObject([{ id: 'kernels', fix: null }])
})

test('little memory, a busy machine and short buffers are notes', () => {
  const little = { ...machine, freeMemoryBytes: 2 ** 29, memoryLimitBytes: 2 ** 30 }
  expect(amiss({ ...well, machine: little })[0]?.text).toMatch(
    /^only 512.0 MiB of the 1.0 GiB of its container are free/,
  )
  const { product, copy, seconds } = well.rates as NonNullable<Examination['rates']>
  const rates = (changes: object, spread = 0.01) => ({
    product: { ...product, spread },
    copy: { ...copy, ...changes },
    seconds,
  })
  const busy = { ...well, rates: rates({}, 0.2), machine: { ...machine, load: 7 } }
  expect(amiss(busy)[0]?.text).toBe(
    'repeats differ by ± 20.0%: something else was running (load 7.0), and a calm machine is faster',
  )
  const short = { bufferBytes: 2 ** 23, isShortened: true }
  expect(amiss({ ...well, rates: rates(short) })[0]?.text).toMatch(/^memory had room for copies of 8.0 MiB only/)
  expect(amiss({ ...well, rates: null, ratesProblem: 'why' })).toMatchObject([{ id: 'rates', status: 'problem' }])
})

describe('CUDA', () => {
  const found = (changes: Partial<Cuda>, more: Partial<Examination> = {}) =>
    amiss({ ...well, cuda: { ...withGpu, ...changes }, ...more })
  const bare: Partial<Cuda> = { driverVersion: null, driverLibrary: null, hasDeviceFiles: false, gpus: [] }

  it('is told of only where there is a GPU', () => {
    expect(findingsOf(well).map(({ id }) => id)).not.toContain('cublas')
    expect(amiss({ ...well, cuda: { ...noCuda, numGpusOnBus: null } })).toEqual([])
  })

  it.each([
    ['ubuntu', false, 'sudo ubuntu-drivers install'],
    ['debian', false, 'sudo apt-get install -y nvidia-driver firmware-misc-nonfree'],
    ['arch', false, 'sudo pacman -S --needed nvidia'],
    ['gentoo', false, null],
    ['debian', true, 'docker run --gpus all IMAGE'],
  ])('needs a driver, by the way of %s, container: %s', (system, isContainer, fix) => {
    const more = { tools: { ...tools, system }, machine: { ...machine, isContainer } }
    expect(found(bare, more)).toEqual([
      { id: 'nvidia driver', status: 'note', text: 'an NVIDIA GPU, but no driver: the CPU is used', fix },
    ])
  })

  it('needs the driver’s files, and one that is new enough', () => {
    expect(found({ hasDeviceFiles: false })[0]).toMatchObject({ fix: 'nvidia-modprobe -u -c 0' })
    expect(found({ driverLibrary: null })[0]?.text).toBe('driver 580.95.05, without libcuda.so.1: the CPU is used')
    expect(found({ driverVersion: '535.1' })[0]?.text).toBe('driver 535.1 is older than 580, which CUDA 13 needs')
  })

  it('needs a GPU that the kernels are for', () => {
    const gpu = (computeCapability: string | null) => ({ name: 'A GPU', memoryBytes: null, computeCapability })
    expect(found({ gpus: [gpu('7.5')] })).toMatchObject([{ id: 'gpu', status: 'note', fix: null }])
    expect(found({ gpus: [gpu('7.5'), gpu('8.6')] })).toEqual([])
    expect(found({ gpus: [gpu(null)] })).toEqual([])
  })

  it('needs cuBLAS, from pip', () => {
    expect(found({ cublas: null })[0]?.fix).toMatch(
      /^python3 -m venv (\S+) && \1\/bin\/pip install nvidia-cublas && export LENGTHEN_CUBLAS=/,
    )
    const active = { tools: { ...tools, isInVirtualEnv: true } }
    expect(found({ cublas: null }, active)[0]?.fix).toBe('pip install nvidia-cublas')
    expect(found({ cublas: null }, { tools: { ...tools, hasPython: false } })[0]?.fix).toBeNull()
  })

  it('takes no LENGTHEN_CUBLAS that is not there', () => {
    const environment = [{ name: 'LENGTHEN_CUBLAS', value: './lib' }]
    expect(amiss({ ...well, environment })).toMatchObject([
      { id: 'cublas', status: 'problem', fix: 'unset LENGTHEN_CUBLAS' },
    ])
  })

  it('needs the package of this version', () => {
    const clone = { ...installation, kind: 'clone' as const }
    expect(found({ package: null })).toMatchObject([
      { id: 'cuda package', status: 'note', fix: 'npm install lengthen-cuda-linux-x64@1.2.3' },
    ])
    expect(found({ package: null }, { installation: clone })[0]?.fix).toMatch(/^npm install --no-save lengthen-cuda/)
    const arm = { machine: { ...machine, platform: 'linux-arm64' } }
    expect(found({ package: null }, arm).at(-1)).toMatchObject({ id: 'cuda package', fix: null })
    expect(found({ package: { version: '1.2.2', folder: '' } })[0]?.status).toBe('problem')
    const built = { engine: { ...engine, cuda: { isBuilt: true, isUsable: false, why: 'out of order' } } }
    expect(found({ package: null }, built)).toMatchObject([{ id: 'cuda', status: 'note' }])
  })
})
