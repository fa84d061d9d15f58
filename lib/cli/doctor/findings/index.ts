// What an examination comes to: each thing in order, well or not, and what mends it. Pure.
import type { Examination } from '../examination.js'
import { addon } from './addon.js'
import { cublasLibrary, cuda, cudaKernels, gpu, nvidiaDriver } from './cuda.js'
import { kernels, threads } from './engine.js'
import { type Finding, type FindingId, findingIds, type Verdict } from './finding.js'
import { memory, node, platform } from './machine.js'
import { permissions } from './permissions.js'
import { rates } from './rates.js'

export type { Finding } from './finding.js'

/** Undefined where there is nothing to say, such as of cuBLAS where there is no GPU. */
type Check = (examination: Examination) => Verdict | undefined

const checks: Record<FindingId, Check> = {
  node,
  permissions,
  platform,
  addon,
  kernels,
  threads,
  memory,
  rates,
  'nvidia driver': nvidiaDriver,
  gpu,
  cublas: cublasLibrary,
  'cuda package': cudaKernels,
  cuda,
}

export const findingsOf = (examination: Examination): Finding[] =>
  findingIds.flatMap((id) => {
    const verdict = checks[id](examination)
    return verdict === undefined ? [] : [{ id, ...verdict }]
  })
