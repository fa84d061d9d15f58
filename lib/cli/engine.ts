// What the addon is and does on this machine.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../errors.js'

export interface Engine {
  addon: { file: string; builtAt: string; ageSeconds: number; numOps: number; newerSource: string | null }
  kernels: { target: string; best: string; why: string }
  threads: { numThreads: number; why: string }
  /** What tensors may take. */
  memoryBudgetBytes: number
  cuda: { isBuilt: boolean; isUsable: boolean; why: string }
}

export type EngineReport = { engine: Engine } | { problem: string }

type Module = typeof import('../native.js')

/** Loads the addon here and not before, so that one that does not load is something to report. */
export async function reportEngine(): Promise<EngineReport> {
  try {
    const { native, addonFile, packageFolder } = await import('../native.js')
    return {
      engine: {
        addon: { ...addonFacts(addonFile, packageFolder), numOps: Object.keys(native.ops).length },
        kernels: kernels(native),
        threads: { numThreads: native.numThreads(), why: whyThreads() },
        memoryBudgetBytes: native.memoryStats('cpu').budgetBytes,
        cuda: cuda(native),
      },
    }
  } catch (error) {
    return { problem: messageOf(error) }
  }
}

function addonFacts(file: string, folder: string): Omit<Engine['addon'], 'numOps'> {
  const { mtimeMs, mtime } = statSync(file)
  const sources = ['cpp', 'binding', 'cuda'].flatMap((name) => filesUnder(folder, name))
  const newerSource = sources.find((name) => statSync(join(folder, name)).mtimeMs > mtimeMs) ?? null
  return { file, builtAt: mtime.toISOString(), ageSeconds: (Date.now() - mtimeMs) / 1000, newerSource }
}

function filesUnder(folder: string, name: string): string[] {
  try {
    const names = readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
    return names
      .map((file) => `${name}/${file}`)
      .filter((file) => /\.(h|cpp|cuh?)$/.test(file) && !/^cpp\/test/.test(file))
  } catch {
    return [] // a package without sources
  }
}

function kernels(native: Module['native']): Engine['kernels'] {
  const target = native.target()
  const best = ['avx512', 'avx2', 'plain'].find((name) => isRunnable(native, name)) ?? 'plain'
  native.setTarget(target)
  const asked = process.env.LENGTHEN_ISA
  return { target, best, why: asked ? `LENGTHEN_ISA=${asked}` : 'the best that this processor runs' }
}

function isRunnable(native: Module['native'], target: string): boolean {
  try {
    native.setTarget(target)
    return true
  } catch {
    return false
  }
}

function whyThreads(): string {
  const asked = process.env.LENGTHEN_THREADS
  return asked ? `LENGTHEN_THREADS=${asked}` : 'the lesser of affinity and quota'
}

function cuda(native: Module['native']): Engine['cuda'] {
  try {
    native.memoryStats('cuda')
    return { isBuilt: true, isUsable: true, why: 'the driver answers' }
  } catch (error) {
    const isBuilt = (error as { code?: unknown }).code !== 'UnsupportedError'
    return { isBuilt, isUsable: false, why: messageOf(error) }
  }
}
