// What a machine has, as the system tells it; nothing here needs the addon.
import os from 'node:os'
import { type Platform, thisPlatform } from '../../native-file.js'
import { availableBytes, type ContainerMemory, containerMemory } from './container.js'
import { firstText, isThere } from './system.js'

export interface Machine {
  /** linux-x64 */
  platform: string
  /** The distribution's name, or the system's. */
  system: string
  /** Of Linux alone. */
  libc: Platform['libc'] | null
  /** null where it is not glibc. */
  glibcVersion: string | null
  isContainer: boolean
  node: string
  cpu: string
  numCpus: number
  /** Of those that matter to kernels. */
  instructionSets: string[]
  /** CPUs this process may run on; null where the system does not say. */
  numCpusByAffinity: number | null
  /** CPUs' worth of time its container gives; null where there is no limit. */
  numCpusByQuota: number | null
  /** Processes that wanted a processor in the last minute; null where the system does not say. */
  load: number | null
  memoryBytes: number
  /** What a new process could have, the container's limit included. */
  freeMemoryBytes: number
  /** The container's; null where there is none. */
  memoryLimitBytes: number | null
}

export function thisMachine(): Machine {
  const { name, libc, glibcVersion } = thisPlatform()
  const memoryBytes = os.totalmem()
  const container = containerMemory(memoryBytes)
  return {
    platform: name,
    system: systemName(firstText('/etc/os-release')) ?? `${os.type()} ${os.release()}`,
    libc: libc ?? null,
    glibcVersion: glibcVersion ?? null,
    isContainer: ['/.dockerenv', '/run/.containerenv'].some((file) => isThere(file)),
    node: process.version,
    cpu: os.cpus()[0]?.model.trim() || 'unknown',
    numCpus: os.cpus().length || os.availableParallelism(), // none are listed without /proc
    instructionSets: instructionSets(firstText('/proc/cpuinfo')),
    numCpusByAffinity: numCpusAllowed(firstText('/proc/self/status')),
    numCpusByQuota: numCpusByQuota(),
    load: process.platform === 'win32' ? null : (os.loadavg()[0] ?? null),
    ...memoryOf(memoryBytes, container),
  }
}

const memoryOf = (memoryBytes: number, container: ContainerMemory | null) => ({
  memoryBytes,
  freeMemoryBytes: availableBytes(os.freemem(), container), // on Linux MemAvailable
  memoryLimitBytes: container?.limitBytes ?? null,
})

/** From /etc/os-release. */
export const systemName = (text: string): string | undefined => /^PRETTY_NAME="?([^"\n]+)/m.exec(text)?.[1]

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
