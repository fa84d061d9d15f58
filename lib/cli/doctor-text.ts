// The doctor's findings as lines of a name and what there is to say.
import type { Engine, EngineReport } from './engine.js'
import { bytes } from './format.js'
import type { Machine } from './machine.js'

type Line = readonly [name: string, text: string]

export function doctorText(report: { version: string; machine: Machine } & EngineReport): string {
  const { version, machine } = report
  const lines: Line[] = [['lengthen', `${version}, ${machine.platform}`], ...machineLines(machine)]
  if ('engine' in report) lines.push(...engineLines(report.engine))
  else lines.push(['addon', report.problem])
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.map(([name, text]) => `${name.padEnd(width)}   ${text}\n`).join('')
}

function machineLines(m: Machine): Line[] {
  const limit = m.memoryLimitBytes === null ? '' : `, limited to ${bytes(m.memoryLimitBytes)} by its container`
  return [
    ['Node', `${m.node} (needs ${m.nodeNeeded})`],
    ['CPU', `${m.cpu}, ${m.numCpus} logical`],
    ['instruction sets', m.instructionSets.join(' ') || 'unknown'],
    ['CPUs to use', `${m.numCpusByAffinity ?? 'unknown'} by affinity, ${m.numCpusByQuota ?? 'no limit'} by quota`],
    ['memory', `${bytes(m.memoryBytes)}, ${bytes(m.freeMemoryBytes)} free${limit}`],
    ['NVIDIA driver', m.nvidiaDriver ?? 'none'],
  ]
}

function engineLines({ addon, kernels, threads, memoryBudgetBytes, cuda }: Engine): Line[] {
  const stale = addon.newerSource === null ? '' : `, older than ${addon.newerSource}: npm run build`
  const best = kernels.best === kernels.target ? '' : `; this processor runs ${kernels.best}`
  return [
    ['addon', `${addon.file}, ${addon.numOps} ops, built ${age(addon.ageSeconds)} ago${stale}`],
    ['kernels', `${kernels.target}: ${kernels.why}${best}`],
    ['threads', `${threads.numThreads}: ${threads.why}`],
    ['tensors may take', bytes(memoryBudgetBytes)],
    ['CUDA', `${cuda.isBuilt ? (cuda.isUsable ? 'built' : 'built, does not run') : 'not built'}: ${cuda.why}`],
  ]
}

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
