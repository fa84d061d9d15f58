import { unset } from '../commands.js'
import type { Examination } from '../examination.js'
import { note, ok, problem, type Verdict } from './finding.js'

export function kernels({ engine, engineProblem }: Examination): Verdict | undefined {
  if (engineProblem?.about === 'kernels') return problem(engineProblem.message, unset('LENGTHEN_ISA'))
  if (engine === null) return undefined
  const { target, best, why } = engine.kernels
  if (target !== best)
    return note(
      `${target} kernels run because of ${why}; this processor runs ${best}, with the same bits`,
      unset('LENGTHEN_ISA'),
    )
  if (target === 'plain') return note('plain kernels run: this processor, or this build, has nothing faster')
  return ok(`${target} kernels, ${why}`)
}

export function threads({ engine, engineProblem, machine }: Examination): Verdict | undefined {
  if (engineProblem?.about === 'threads') return problem(engineProblem.message, unset('LENGTHEN_THREADS'))
  if (engine === null) return undefined
  const { numThreads, why } = engine.threads
  const available = Math.min(
    machine.numCpusByAffinity ?? machine.numCpus,
    Math.ceil(machine.numCpusByQuota ?? Infinity),
  )
  const asked = why.startsWith('LENGTHEN_THREADS')
  if (asked && numThreads > available)
    return note(
      `${numThreads} threads share ${available} CPUs because of ${why}: they wait for each other`,
      unset('LENGTHEN_THREADS'),
    )
  if (asked && numThreads < available)
    return note(`${numThreads} of ${available} CPUs are used because of ${why}`, unset('LENGTHEN_THREADS'))
  return ok(`${numThreads}: ${why}`)
}
