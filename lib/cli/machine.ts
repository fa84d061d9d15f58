// What a machine has, as the system tells it; nothing here needs the addon.
import { readFileSync } from 'node:fs'
import os from 'node:os'

export interface Machine {
  platform: string
  node: string
  /** What package.json asks for. */
  nodeNeeded: string
  cpu: string
  numCpus: number
  /** Of those that matter to kernels. */
  instructionSets: string[]
  /** CPUs this process may run on; null where the system does not say. */
  numCpusByAffinity: number | null
  /** CPUs' worth of time its container gives; null where there is no limit. */
  numCpusByQuota: number | null
  memoryBytes: number
  freeMemoryBytes: number
  /** The container's; null where there is none. */
  memoryLimitBytes: number | null
  /** First line of the NVIDIA driver's version; null where there is none. */
  nvidiaDriver: string | null
}

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  engines: { node: string }
}

export function thisMachine(): Machine {
  const memoryBytes = os.totalmem()
  const limit = Number(firstText('/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'))
  return {
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    nodeNeeded: manifest.engines.node,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    numCpus: os.cpus().length,
    instructionSets: instructionSets(firstText('/proc/cpuinfo')),
    numCpusByAffinity: numCpusAllowed(firstText('/proc/self/status')),
    numCpusByQuota: numCpusByQuota(),
    memoryBytes,
    freeMemoryBytes: os.freemem(), // on Linux MemAvailable
    memoryLimitBytes: limit > 0 && limit < memoryBytes ? limit : null,
    nvidiaDriver: /^NVRM version: *(.+)$/m.exec(firstText('/proc/driver/nvidia/version'))?.[1]?.trim() ?? null,
  }
}

const known = /^(fma|f16c|avx|avx2|avx512(f|bw|dq|vl|_vnni|_bf16|_fp16)|amx_(tile|bf16|int8)|asimd|sve2?|bf16)$/

/** From /proc/cpuinfo: x86 calls them flags, Arm features. */
export function instructionSets(cpuInfo: string): string[] {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1] ?? ''
  return line.split(' ').filter((name) => known.test(name))
}

/** From /proc/self/status: a list such as 0-3,8,10-11. */
export function numCpusAllowed(status: string): number | null {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]
  if (list === undefined) return null
  return list.split(',').reduce((sum, range) => {
    const [first, last] = range.split('-').map(Number)
    return sum + (last ?? first ?? 0) - (first ?? 0) + 1
  }, 0)
}

function numCpusByQuota(): number | null {
  const v2 = firstText('/sys/fs/cgroup/cpu.max')
  if (v2 !== '') return cpusOfQuota(v2)
  const v1 = ['quota', 'period'].map((name) => firstText(`/sys/fs/cgroup/cpu/cpu.cfs_${name}_us`).trim())
  return cpusOfQuota(v1.join(' '))
}

/** Quota and period in microseconds; "max" and −1 are no limit. */
export function cpusOfQuota(text: string): number | null {
  const [quota, period] = text.trim().split(' ').map(Number)
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : null
}

/** The first of the files that can be read; empty where none can. */
function firstText(...files: string[]): string {
  for (const file of files) {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      // Another system, another kernel, or no such device.
    }
  }
  return ''
}
