// An examination of a machine on which all is well, without a GPU, to be changed by tests.
import type { Cuda } from '../../../lib/cli/doctor/cuda.js'
import type { Engine } from '../../../lib/cli/doctor/engine.js'
import type { Examination } from '../../../lib/cli/doctor/examination.js'
import { type Finding, findingsOf } from '../../../lib/cli/doctor/findings/index.js'
import type { Installation } from '../../../lib/cli/doctor/installation.js'
import type { Machine } from '../../../lib/cli/doctor/machine.js'
import type { Tools } from '../../../lib/cli/doctor/tools.js'

export const installation: Installation = {
  ...{ version: '1.2.3', nodeNeeded: '^20.19.0 || >=22.12.0', folder: '/app/node_modules/lengthen', kind: 'package' },
  ...{ isGlobal: false, packageManager: 'npm', repository: null },
}

export const machine: Machine = {
  ...{ platform: 'linux-x64', system: 'Debian 12', libc: 'glibc', glibcVersion: '2.36', isContainer: false },
  ...{ node: 'v22.12.0', cpu: 'Some CPU', numCpus: 8, instructionSets: ['avx2', 'avx512f'], load: 0.1 },
  ...{ numCpusByAffinity: 8, numCpusByQuota: null },
  ...{ memoryBytes: 2 ** 34, freeMemoryBytes: 2 ** 33, memoryLimitBytes: null },
}

export const engine: Engine = {
  addon: {
    ...{ file: '/app/node_modules/lengthen/prebuilds/linux-x64/lengthen.glibc.node', origin: 'prebuilt', numOps: 64 },
    ...{ builtAt: null, ageSeconds: null, newerSource: null },
  },
  kernels: { target: 'avx512', best: 'avx512', why: 'the best that this processor runs' },
  threads: { numThreads: 8, why: 'this process may run on 8 of 8 CPUs, without a quota' },
  memoryBudgetBytes: 2 ** 34,
  cuda: { isBuilt: false, isUsable: false, why: 'no CUDA backend' },
}

export const noCuda: Cuda = {
  ...{ driverVersion: null, driverLibrary: null, numGpusOnBus: 0, hasDeviceFiles: false, gpus: [] },
  ...{ cublas: null, package: null },
}

export const withGpu: Cuda = {
  ...{ driverVersion: '580.95.05', driverLibrary: '/lib/libcuda.so.1', numGpusOnBus: 1, hasDeviceFiles: true },
  gpus: [{ name: 'NVIDIA H200', memoryBytes: 141 * 2 ** 30, computeCapability: '9.0' }],
  cublas: { file: '/usr/lib64/libcublasLt.so.13', foundBy: 'the loader' },
  package: { version: '1.2.3', folder: '/app/node_modules/lengthen-cuda-linux-x64' },
}

export const tools: Tools = {
  ...{ isRoot: false, system: 'debian', nodeManager: null, hasPython: true, isInVirtualEnv: false },
  installBuildTools: null,
}

export const well: Examination = {
  ...{ installation, machine, engine, engineProblem: null, addonFiles: [], cuda: noCuda, environment: [], tools },
  rates: {
    product: { gflopsPerSecond: 800, gflopsPerSecondOnOneThread: 105, rows: 768, width: 1024, spread: 0.01 },
    copy: { gigabytesPerSecond: 40, bufferBytes: 2 ** 28, isShortened: false, spread: 0.02 },
    seconds: 2.6,
  },
  ratesProblem: null,
  permissionsWithheld: [],
}

/** What is not well. */
export const amiss = (examination: Examination): Finding[] =>
  findingsOf(examination).filter(({ status }) => status !== 'ok')
