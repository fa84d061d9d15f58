import { bytes } from '../../format.js'
import { newerNode } from '../commands.js'
import type { Examination } from '../examination.js'
import { compareVersions, isInRange } from '../versions.js'
import { note, ok, problem, type Verdict } from './finding.js'

export function node({ machine, installation, tools }: Examination): Verdict {
  const { nodeNeeded } = installation
  if (isInRange(machine.node, nodeNeeded) === false)
    return problem(`Node ${machine.node} is not one that lengthen runs on: it needs ${nodeNeeded}`, newerNode(tools))
  return ok(`Node ${machine.node}`)
}

const prebuiltPlatform = 'linux-x64'
const leastGlibc = '2.34'

/** Whether the addon in the package is for such a machine. */
export function isPrebuilt({ platform, libc, glibcVersion }: Examination['machine']): boolean {
  if (platform !== prebuiltPlatform || libc !== 'glibc') return false
  return glibcVersion !== null && compareVersions(glibcVersion, leastGlibc) >= 0
}

export function platform({ machine }: Examination): Verdict {
  const { libc, glibcVersion } = machine
  const here =
    libc === null ? machine.platform : `${machine.platform} with ${libc}${glibcVersion ? ` ${glibcVersion}` : ''}`
  if (isPrebuilt(machine)) return ok(`${here} has a prebuilt addon`)
  return note(`${here} has no prebuilt addon: that is for ${prebuiltPlatform} with glibc ${leastGlibc} or newer`)
}

/** Below this not even small models train. */
const littleMemory = 2 ** 30

export function memory({ machine, engine }: Examination): Verdict {
  const { freeMemoryBytes, memoryLimitBytes } = machine
  const limit = memoryLimitBytes === null ? '' : ` of the ${bytes(memoryLimitBytes)} of its container`
  const free = `${bytes(freeMemoryBytes)}${limit} are free`
  const budget = engine === null ? '' : `; tensors may take ${bytes(engine.memoryBudgetBytes)}`
  return freeMemoryBytes < littleMemory ? note(`only ${free}${budget}`) : ok(`${free}${budget}`)
}
