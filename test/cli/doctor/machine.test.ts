import { expect, test } from 'vitest'
import { availableBytes, oldFileBytes } from '../../../lib/cli/doctor/container.js'
import { originOf, whyThreads } from '../../../lib/cli/doctor/engine.js'
import { installationAt } from '../../../lib/cli/doctor/installation.js'
import {
  cpusOfQuota,
  instructionSets,
  numCpusAllowed,
  systemName,
  thisMachine,
} from '../../../lib/cli/doctor/machine.js'
import { systemId } from '../../../lib/cli/doctor/tools.js'
import { compareVersions, isInRange } from '../../../lib/cli/doctor/versions.js'
import { bytes } from '../../../lib/cli/format.js'
import { packageFolder } from '../../../lib/package-folder.js'

test('what the system says is read as it is meant', () => {
  expect(numCpusAllowed('Name:\tnode\nCpus_allowed_list:\t0-3,8,10-11\n')).toBe(7)
  expect(numCpusAllowed('')).toBeNull()
  expect(['150000 100000\n', 'max 100000\n', '-1 100000', ''].map(cpusOfQuota)).toEqual([1.5, null, null, null])
  expect(instructionSets('model name\t: x\nflags\t\t: fpu avx2 avx512f erms\n')).toEqual(['avx2', 'avx512f'])
  expect([0, 1023, 1536, 1.5 * 2 ** 30].map(bytes)).toEqual(['0 bytes', '1023 bytes', '1.5 KiB', '1.5 GiB'])
  const release = 'NAME="Some"\nPRETTY_NAME="Some Linux 9 (Name)"\nVERSION_ID="9"\nID=some-linux\nID_LIKE="rhel"\n'
  expect([systemName(release), systemId(release)]).toEqual(['Some Linux 9 (Name)', 'some-linux'])
  expect([systemName(''), systemId('')]).toEqual([undefined, null])
})

test('memory is free within the container’s limit, and files that were read long ago do not count as taken', () => {
  expect(availableBytes(100, null)).toBe(100)
  expect(availableBytes(100, { limitBytes: 80, usedBytes: 30 })).toBe(50)
  expect(availableBytes(100, { limitBytes: 80, usedBytes: 90 })).toBe(0)
  expect(availableBytes(40, { limitBytes: 80, usedBytes: 30 })).toBe(40)
  expect(oldFileBytes('anon 5\ninactive_file 7\n')).toBe(7)
  expect(oldFileBytes('inactive_file 1\ntotal_inactive_file 9\n')).toBe(9)
  expect(oldFileBytes('')).toBe(0)
})

test('why there are so many threads is told', () => {
  const cpus = { numCpus: 8, numCpusByAffinity: 4, numCpusByQuota: null }
  expect(whyThreads(cpus, '3')).toBe('LENGTHEN_THREADS=3')
  expect(whyThreads(cpus, '')).toBe('this process may run on 4 of 8 CPUs, without a quota')
  expect(whyThreads({ ...cpus, numCpusByQuota: 1.5 }, undefined)).toBe(
    'a quota of 1.5 CPUs, rounded up; this process may run on 4 of 8 CPUs',
  )
  expect(whyThreads({ ...cpus, numCpusByQuota: 6 }, undefined)).toBe(
    'this process may run on 4 of 8 CPUs; a quota of 6 CPUs',
  )
})

test('where the addon comes from is told by its place', () => {
  const origin = (file: string, env = {}) => originOf(file, '/app/lengthen', env)
  expect(origin('/app/lengthen/build/Release/lengthen.node')).toBe('built here')
  expect(origin('/app/lengthen/prebuilds/linux-x64/lengthen.glibc.node')).toBe('prebuilt')
  expect(origin('/app/node_modules/lengthen-cuda-linux-x64/lengthen.node')).toBe('CUDA package')
  expect(origin('/x/build/Release/lengthen.node', { LENGTHEN_PREBUILD: '/x' })).toBe('LENGTHEN_PREBUILD')
})

test.each([
  ['v20.19.0', '>=20.19', true],
  ['v20.18.3', '>=20.19', false],
  ['v26.0.0', '>=20.19', true],
  ['v21.1.0', '^20.19.0 || >=22.12', false],
  ['v22.12.0', '^20.19.0 || >=22.12', true],
  ['v20.20.1', '^20.19.0 || >=22.12', true],
  ['v25.0.0-nightly2026', '>=20.19', true],
  ['v20.20.1', '20.x', undefined],
  ['v20.20.1', '20.x || >=20', true],
])('Node %s is in the range %s: %s', (version, range, isIn) => {
  expect(isInRange(version, range)).toBe(isIn)
})

test('versions are compared by number', () => {
  expect(compareVersions('2.9', '2.34')).toBe(-1)
  expect(compareVersions('580', '580.0.0')).toBe(0)
  expect(compareVersions('580.95.05', '535.1')).toBe(1)
})

test('this clone is known as one', () => {
  expect(installationAt(packageFolder)).toMatchObject({ kind: 'clone', isGlobal: false, packageManager: 'npm' })
  expect(thisMachine()).toMatchObject({ platform: `${process.platform}-${process.arch}`, node: process.version })
})
