// What a container lets its processes have of the memory: cgroup v2, then v1, as the engine's budget reads them.
import { firstText } from './system.js'

export interface ContainerMemory {
  limitBytes: number
  /** Taken by all processes in it, without what the system would give back, such as files that were read long ago. */
  usedBytes: number
}

/** Null where there is no limit below the machine's own memory. */
export function containerMemory(memoryBytes: number): ContainerMemory | null {
  const v1 = '/sys/fs/cgroup/memory'
  const limitBytes = Number(firstText('/sys/fs/cgroup/memory.max', `${v1}/memory.limit_in_bytes`))
  if (!(limitBytes > 0 && limitBytes < memoryBytes)) return null
  const current = Number(firstText('/sys/fs/cgroup/memory.current', `${v1}/memory.usage_in_bytes`))
  const oldFiles = oldFileBytes(firstText('/sys/fs/cgroup/memory.stat', `${v1}/memory.stat`))
  return { limitBytes, usedBytes: Math.max(0, current - oldFiles) }
}

/** From memory.stat; v1 counts the processes below in total_inactive_file. */
export function oldFileBytes(stat: string): number {
  const count = /^total_inactive_file (\d+)$/m.exec(stat) ?? /^inactive_file (\d+)$/m.exec(stat)
  return Number(count?.[1] ?? 0)
}

export function availableBytes(freeBytes: number, container: ContainerMemory | null): number {
  if (container === null) return freeBytes
  return Math.min(freeBytes, Math.max(0, container.limitBytes - container.usedBytes))
}
