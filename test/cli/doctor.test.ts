import { expect, test } from 'vitest'
import { doctorText } from '../../lib/cli/doctor-text.js'
import { bytes } from '../../lib/cli/format.js'
import { cpusOfQuota, instructionSets, numCpusAllowed, thisMachine } from '../../lib/cli/machine.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { lengthen } from './lengthen.js'

test('what the system says is read as it is meant', () => {
  expect(numCpusAllowed('Name:\tnode\nCpus_allowed_list:\t0-3,8,10-11\n')).toBe(7)
  expect(numCpusAllowed('')).toBeNull()
  expect(['150000 100000\n', 'max 100000\n', '-1 100000', ''].map(cpusOfQuota)).toEqual([1.5, null, null, null])
  expect(instructionSets('model name\t: x\nflags\t\t: fpu avx2 avx512f erms\n')).toEqual(['avx2', 'avx512f'])
  expect([0, 1023, 1536, 1.5 * 2 ** 30].map(bytes)).toEqual(['0 bytes', '1023 bytes', '1.5 KiB', '1.5 GiB'])
})

test('the doctor says what is here, which kernels run and why', async () => {
  const cwd = temporaryFolder()
  const env = { LENGTHEN_ISA: 'plain', LENGTHEN_THREADS: '1' }
  const { status, stdout, stderr } = await lengthen(['doctor'], { cwd, env })
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^kernels +plain: LENGTHEN_ISA=plain(; this processor runs avx\w+)?$/m)
  expect(stdout).toMatch(/^threads +1: LENGTHEN_THREADS=1$/m)
  expect(stdout).toMatch(/^addon +\S+\.node, \d+ ops, built .+ ago/m)
  expect(stdout).toMatch(/^CUDA +(not built|built)/m)
  const report = JSON.parse((await lengthen(['doctor', '--json'], { cwd, env })).stdout)
  expect(report.machine).toMatchObject({ node: process.version, cpu: thisMachine().cpu })
  expect(report.engine).toMatchObject({ kernels: { target: 'plain' }, threads: { numThreads: 1 } })
})

test('where the addon does not load, the doctor says so, and every other command too', async () => {
  const cwd = temporaryFolder()
  const env = { LENGTHEN_PREBUILD: cwd }
  const message = /\[addon\] No native build was found .+: npm run build builds it\n$/
  const doctor = await lengthen(['doctor'], { cwd, env })
  expect([doctor.status, doctor.stderr]).toEqual([1, ''])
  expect(doctor.stdout).toMatch(/^Node +v/m)
  expect(doctor.stdout).toMatch(message)
  const other = await lengthen(['train', 'r.yaml'], { cwd, env })
  expect([other.status, other.stdout]).toEqual([1, ''])
  expect(other.stderr).toMatch(message)
})

test.each([
  [{ LENGTHEN_ISA: 'mmx' }, '[target] expected plain, avx2 or avx512, got mmx'],
  [{ LENGTHEN_THREADS: 'abc' }, '[LENGTHEN_THREADS] expected 1 to 1024 threads, got abc'],
  [{ LENGTHEN_THREADS: '0' }, '[LENGTHEN_THREADS] expected 1 to 1024 threads, got 0'],
])('what the environment asks for in vain is what the doctor finds: %o', async (env, problem) => {
  const { status, stdout, stderr } = await lengthen(['doctor'], { cwd: temporaryFolder(), env })
  expect(stdout).toContain(`${problem}\n`)
  expect([status, stderr]).toEqual([1, ''])
})

test('limits of a container and an old addon are pointed out', () => {
  const machine = { ...thisMachine(), numCpusByQuota: 1.5, memoryBytes: 2 ** 34, memoryLimitBytes: 2 ** 32 }
  const text = doctorText({
    ...{ version: '1.2.3', machine },
    engine: {
      addon: { file: 'a.node', builtAt: '', ageSeconds: 90_000, numOps: 60, newerSource: 'cpp/core/queue.cpp' },
      kernels: { target: 'avx2', best: 'avx2', why: 'the best that this processor runs' },
      threads: { numThreads: 2, why: 'the lesser of affinity and quota' },
      memoryBudgetBytes: 2 ** 32,
      cuda: { isBuilt: false, isUsable: false, why: 'no CUDA backend' },
    },
  })
  expect(text).toContain(', 1.5 by quota\n')
  expect(text).toContain(', limited to 4.0 GiB by its container\n')
  expect(text).toContain('a.node, 60 ops, built 1 day ago, older than cpp/core/queue.cpp: npm run build\n')
  expect(text).toContain('avx2: the best that this processor runs\n')
})
