import { chmodSync, copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { thisMachine } from '../../../lib/cli/doctor/machine.js'
import { addonFile } from '../../../lib/native.js'
import { root } from '../../helpers/source-files.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { lengthen } from '../lengthen.js'

const doctor = (args: readonly string[], env: Record<string, string> = {}) =>
  lengthen(['doctor', ...args], { cwd: temporaryFolder(), env })

test('the doctor says what is here, which kernels run and why, and how fast', async () => {
  const { status, stdout, stderr } = await doctor(['--seconds', '0.1'], {
    LENGTHEN_ISA: 'plain',
    LENGTHEN_THREADS: '1',
  })
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^kernels +plain: LENGTHEN_ISA=plain(; this processor runs avx\w+)?$/m)
  expect(stdout).toMatch(/^threads +1: LENGTHEN_THREADS=1$/m)
  expect(stdout).toMatch(/^addon +\S+\.node, \d+ ops, /m)
  expect(stdout).toMatch(/^product +[\d.]+ GFLOP\/s ± [\d.]+% on 1 thread, /m)
  expect(stdout).toMatch(/^copy +[\d.]+ GB\/s ± [\d.]+% read plus written, on 1 thread /m)
  expect(stdout).toMatch(/^CUDA kernels +(not )?built/m)
  expect(stdout).toMatch(/^\d+ checks, (all|\d+) well\n$/m)
})

const document = readFileSync(join(root, 'docs/doctor.md'), 'utf8')

test('--json prints one object, whose keys are documented', async () => {
  const env = { LENGTHEN_ISA: 'plain', LENGTHEN_THREADS: '1', HF_TOKEN: 'hf_neverShownNeverShown' }
  const { status, stdout } = await doctor(['--json', '--seconds', '0.05'], env)
  const found = JSON.parse(stdout)
  expect(status).toBe(0)
  expect(found.machine).toMatchObject({ node: process.version, cpu: thisMachine().cpu })
  expect(found.engine).toMatchObject({ kernels: { target: 'plain' }, threads: { numThreads: 1 } })
  expect(found.rates.copy.bufferBytes).toBeGreaterThan(0)
  expect(found.environment).toContainEqual({ name: 'HF_TOKEN', value: null })
  expect(keysOf(found).filter((key) => !document.includes(`\`${key}\``))).toEqual([])
})

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
}

test('where the addon does not load, the doctor says so, and every other command too', async () => {
  const env = { LENGTHEN_PREBUILD: temporaryFolder() }
  const found = await doctor([], env)
  expect([found.status, found.stderr]).toEqual([1, ''])
  expect(found.stdout).toMatch(/^Node +v/m)
  expect(found.stdout).toMatch(/^problem \(addon\): \[addon\] .+\n {2}mend it: unset LENGTHEN_PREBUILD$/m)
  const other = await lengthen(['train', 'r.yaml'], { cwd: temporaryFolder(), env })
  expect([other.status, other.stdout]).toEqual([1, ''])
  expect(other.stderr).toMatch(/^lengthen: \[addon\] /)
})

test.skipIf(process.platform !== 'linux')('a broken file of the addon is found out', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'build/Release/lengthen.node')
  mkdirSync(join(folder, 'build/Release'), { recursive: true })
  copyFileSync(addonFile, file)
  truncateSync(file, 100_000)
  const cut = JSON.parse((await doctor(['--json', '--no-measure'], { LENGTHEN_PREBUILD: folder })).stdout)
  expect(cut.engineProblem).toMatchObject({ about: 'addon' })
  const finding = cut.findings.find(({ id }: { id: string }) => id === 'addon')
  expect(finding.text).toContain(`${file} is cut short at 97.7 KiB`)
  writeFileSync(file, 'not found')
  const text = (await doctor([], { LENGTHEN_PREBUILD: folder })).stdout
  expect(text).toContain(`${file} is no addon for ${process.platform}-${process.arch}, nor for any other`)
})

test.each([
  [{ LENGTHEN_ISA: 'mmx' }, '[target] expected plain, avx2 or avx512, got mmx'],
  [{ LENGTHEN_THREADS: 'abc' }, '[LENGTHEN_THREADS] expected 1 to 1024 threads, got abc'],
  [{ LENGTHEN_THREADS: '0' }, '[LENGTHEN_THREADS] expected 1 to 1024 threads, got 0'],
])('what the environment asks for in vain is what the doctor finds: %o', async (env, problem) => {
  const { status, stdout, stderr } = await doctor([], env)
  expect(stdout).toContain(`${problem}\n  mend it: unset ${Object.keys(env)[0]}\n`)
  expect([status, stderr]).toEqual([1, ''])
})

test('a report has a place for what happened, and neither home folder, user, host nor token', async () => {
  const home = temporaryFolder()
  const env = {
    ...{
      HOME: home,
      USER: 'mallory',
      LOGNAME: 'mallory',
      HF_TOKEN: 'tokentokentoken',
      LENGTHEN_CUBLAS: `${home}/none`,
    },
    NODE_OPTIONS: '--stack-trace-limit=5',
  }
  const { status, stdout } = await doctor(['--report', '--no-measure'], env)
  expect(status).toBe(1) // LENGTHEN_CUBLAS
  expect(stdout).toMatch(/^## What happened\n/)
  expect(stdout).toMatch(/^LENGTHEN_CUBLAS +~\/none$/m)
  expect(stdout).toMatch(/^NODE_OPTIONS +--stack-trace-limit=5$/m)
  const names = [home, 'mallory', 'tokentoken', ...(userInfo().username === 'root' ? [] : [userInfo().username])]
  for (const name of names) expect(stdout).not.toContain(name)
  expect(stdout).not.toMatch(new RegExp(`(?<![\\w<])${hostname()}(?!\\w)`))
  const json = JSON.parse((await doctor(['--report', '--json', '--no-measure'], env)).stdout)
  expect(JSON.stringify(json)).not.toContain(home)
})

test('a time to measure that is none is wrong usage', async () => {
  expect(await doctor(['--seconds', '0'])).toMatchObject({ status: 2 })
})

test.skipIf(process.platform !== 'linux')(
  'a GPU is known by nvidia-smi on the PATH, and what it still lacks is told',
  async () => {
    const bin = temporaryFolder()
    const asked = '[ "$1" = --query-gpu=driver_version,memory.total,name ] && echo "550.1, 24564, NVIDIA L4"'
    writeFileSync(join(bin, 'nvidia-smi'), `#!/bin/sh\n${asked}\n`) // an old one: does not know compute_cap
    chmodSync(join(bin, 'nvidia-smi'), 0o755)
    const env = { PATH: `${bin}:${process.env.PATH}`, LENGTHEN_CUBLAS: join(bin, 'libcublasLt.so.13') }
    writeFileSync(env.LENGTHEN_CUBLAS, '')
    const { status, stdout } = await doctor(['--json', '--no-measure'], env)
    const { cuda, findings } = JSON.parse(stdout)
    expect(status).toBe(0)
    expect(cuda.gpus).toContainEqual({ name: 'NVIDIA L4', memoryBytes: 24564 * 2 ** 20, computeCapability: null })
    expect(cuda.cublas).toEqual({ file: env.LENGTHEN_CUBLAS, foundBy: 'LENGTHEN_CUBLAS' })
    expect(findings.find(({ id }: { id: string }) => id === 'nvidia driver')).toBeDefined()
  },
)
