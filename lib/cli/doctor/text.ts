// An examination as lines of a name and what there is to say, in groups; and its findings.

import { bytes, percent, plural } from '../format.js'
import { harmlessLine } from '../harmless.js'
import type { Cuda } from './cuda.js'
import type { Addon, Engine } from './engine.js'
import type { Examination } from './examination.js'
import { gpuText } from './findings/cuda.js'
import type { Finding } from './findings/index.js'
import type { Machine } from './machine.js'
import type { Rates } from './rates.js'

export type Line = readonly [name: string, text: string]

export interface Group {
  title: string
  lines: Line[]
}

export const groupsOf = ({ installation, machine, engine, rates, cuda, environment }: Examination): Group[] => {
  const { version, kind, folder, nodeNeeded } = installation
  const groups: Group[] = [
    {
      title: 'Versions',
      lines: [
        ['lengthen', `${version}, a ${kind} in ${folder}`],
        ['Node', `${machine.node} (needs ${nodeNeeded})`],
        ['system', systemText(machine)],
      ],
    },
    { title: 'Machine', lines: machineLines(machine) },
    { title: 'Engine', lines: engine === null ? [] : engineLines(engine) },
    { title: 'Rates', lines: rates === null ? [] : rateLines(rates, engine) },
    { title: 'CUDA', lines: cudaLines(cuda, engine) },
    { title: 'Environment', lines: environment.map(({ name, value }) => [name, value ?? '(set)']) },
  ]
  return groups.filter(({ lines }) => lines.length > 0)
}

/** For a terminal: everything but what is well. */
export function doctorText(examination: Examination, findings: readonly Finding[]): string {
  const facts = columns(groupsOf(examination).flatMap(({ lines }) => lines))
  const amiss = findings.filter(({ status }) => status !== 'ok')
  const summary = `${plural(findings.length, 'check')}, ${amiss.length === 0 ? 'all well' : `${findings.length - amiss.length} well`}\n`
  return `${facts}\n${findingsText(amiss)}${summary}`
}

export const findingsText = (findings: readonly Finding[]): string =>
  findings
    .map(
      ({ id, status, text, fix }) =>
        `${status} (${id}): ${harmlessLine(text)}\n${fix === null ? '' : `  mend it: ${harmlessLine(fix)}\n`}`,
    )
    .join('')

export function columns(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.map(([name, text]) => `${name.padEnd(width)}   ${harmlessLine(text)}\n`).join('')
}

const systemText = ({ platform, system, libc, glibcVersion, isContainer }: Machine): string =>
  [
    `${platform}, ${system}`,
    ...(libc === null ? [] : [`${libc}${glibcVersion === null ? '' : ` ${glibcVersion}`}`]),
    ...(isContainer ? ['in a container'] : []),
  ].join(', ')

function machineLines(m: Machine): Line[] {
  const limit = m.memoryLimitBytes === null ? '' : `, limited to ${bytes(m.memoryLimitBytes)} by its container`
  return [
    ['CPU', `${m.cpu}, ${m.numCpus} logical`],
    ['instruction sets', m.instructionSets.join(' ') || 'unknown'],
    ['CPUs to use', `${m.numCpusByAffinity ?? 'unknown'} by affinity, ${m.numCpusByQuota ?? 'no limit'} by quota`],
    ['memory', `${bytes(m.memoryBytes)}, ${bytes(m.freeMemoryBytes)} free${limit}`],
  ]
}

const engineLines = ({ addon, kernels, threads, memoryBudgetBytes }: Engine): Line[] => [
  ['addon', addonText(addon)],
  [
    'kernels',
    `${kernels.target}: ${kernels.why}${kernels.best === kernels.target ? '' : `; this processor runs ${kernels.best}`}`,
  ],
  ['threads', `${threads.numThreads}: ${threads.why}`],
  ['tensors may take', bytes(memoryBudgetBytes)],
]

function addonText({ file, origin, ageSeconds, numOps }: Addon): string {
  const built = ageSeconds === null ? origin : `${origin} ${age(ageSeconds)} ago`
  return `${file}, ${numOps} ops, ${built}`
}

function rateLines({ product, copy }: Rates, engine: Engine | null): Line[] {
  const threads = plural(engine?.threads.numThreads ?? 1, 'thread')
  const one = `${product.gflopsPerSecondOnOneThread.toFixed(1)} on one`
  const shapes = `[${product.rows}, ${product.width}] by [${product.width}, ${product.width}]`
  return [
    [
      'product',
      `${product.gflopsPerSecond.toFixed(1)} GFLOP/s ± ${percent(product.spread)} on ${threads}, ${one} (float32, ${shapes})`,
    ],
    [
      'copy',
      `${copy.gigabytesPerSecond.toFixed(1)} GB/s ± ${percent(copy.spread)} read plus written, on ${threads} (buffers of ${bytes(copy.bufferBytes)}${copy.isShortened ? ': memory is short' : ''})`,
    ],
  ]
}

function cudaLines(cuda: Cuda, engine: Engine | null): Line[] {
  const { driverVersion, driverLibrary, gpus, cublas } = cuda
  return [
    ['NVIDIA driver', driverVersion === null ? 'none' : `${driverVersion}, ${driverLibrary ?? 'no libcuda.so.1'}`],
    ...gpus.map((gpu): Line => ['GPU', gpuText(gpu)]),
    ['cuBLAS', cublas === null ? 'none' : `${cublas.file}, by ${cublas.foundBy}`],
    ['CUDA package', cuda.package === null ? 'none' : `${cuda.package.version} in ${cuda.package.folder}`],
    ['CUDA kernels', engine === null ? 'unknown' : kernelsText(engine.cuda)],
  ]
}

const kernelsText = ({ isBuilt, isUsable, why }: Engine['cuda']): string =>
  isBuilt ? (isUsable ? 'built' : `built, but do not run: ${why}`) : 'not built'

function age(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const
  for (const [unit, size] of units) {
    const n = Math.floor(seconds / size)
    if (n > 0) return `${n} ${unit}${n > 1 ? 's' : ''}`
  }
  return 'less than a minute'
}
