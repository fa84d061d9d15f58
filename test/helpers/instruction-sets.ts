import { setTarget, target } from '../../lib/device.js'

export const instructionSets = ['plain', 'avx2', 'avx512'] as const
export type InstructionSet = (typeof instructionSets)[number]

/** Those that this processor has; tests of the others are skipped by name: test.skipIf(!instructionSetsHere.has(name)). */
export const instructionSetsHere: ReadonlySet<InstructionSet> = new Set(instructionSets.filter(isHere))

function isHere(name: InstructionSet): boolean {
  const before = target() as InstructionSet
  try {
    setTarget(name)
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'UnsupportedError') return false
    throw error
  } finally {
    setTarget(before)
  }
}
