// What the addon is and does on this machine.

import { readdirSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { messageOf } from '../../errors.js'
import { cudaPackage } from '../../native-file.js'
import { doctorSaysMore } from '../../native-problem.js'
import { packageFolder } from '../../package-folder.js'
import type { Machine } from './machine.js'
import { fatalSignal } from './trial.js'

export interface Engine {
  addon: Addon
  kernels: { target: string; best: string; why: string }
  threads: { numThreads: number; why: string }
  /** What tensors may take. */
  memoryBudgetBytes: number
  cuda: { isBuilt: boolean; isUsable: boolean; why: string }
}

export interface Addon {
  file: string
  origin: 'built here' | 'prebuilt' | 'CUDA package' | 'LENGTHEN_PREBUILD'
  /** null where it was not built here: a package's files have no time of their own. */
  builtAt: string | null
  ageSeconds: number | null
  numOps: number
  /** A source that was changed since; null where there is none. */
  newerSource: string | null
}

export interface EngineProblem {
  /** What could not be had: the addon itself, or what the environment asks of it. */
  about: 'addon' | 'kernels' | 'threads'
  message: string
}

export type EngineReport =
  | { engine: Engine; engineProblem: null }
  | { engine: Engine | null; engineProblem: EngineProblem }

type Native = typeof import('../../native.js')['native']

/** Loads the addon here and not before, so that one that does not load is something to report. */
export async function reportEngine(machine: Machine, env: NodeJS.ProcessEnv = process.env): Promise<EngineReport> {
  const signal = await fatalSignal()
  if (signal !== undefined)
    return {
      engine: null,
      engineProblem: { about: 'addon', message: `[addon] loading it ends the process with ${signal}` },
    }
  let about: EngineProblem['about'] = 'addon'
  try {
    const { native, addonFile } = await import('../../native.js')
    const addon = { ...addonFacts(addonFile, packageFolder, env), numOps: Object.keys(native.ops).length }
    about = 'kernels'
    const kernels = kernelsOf(native, env)
    about = 'threads'
    const threads = { numThreads: native.numThreads(), why: whyThreads(machine, env.LENGTHEN_THREADS) }
    const memoryBudgetBytes = native.memoryStats('cpu').budgetBytes
    return { engine: { addon, kernels, threads, memoryBudgetBytes, cuda: cudaOf(native) }, engineProblem: null }
  } catch (error) {
    return { engine: null, engineProblem: { about, message: messageOf(error).replace(doctorSaysMore, '') } }
  }
}

function addonFacts(file: string, folder: string, env: NodeJS.ProcessEnv): Omit<Addon, 'numOps'> {
  const origin = originOf(file, folder, env)
  if (origin !== 'built here') return { file, origin, builtAt: null, ageSeconds: null, newerSource: null }
  const { mtimeMs, mtime } = statSync(file)
  const sources = ['cpp', 'binding', 'cuda'].flatMap((name) => sourcesUnder(folder, name))
  const newerSource = sources.find((name) => statSync(join(folder, name)).mtimeMs > mtimeMs) ?? null
  return { file, origin, builtAt: mtime.toISOString(), ageSeconds: (Date.now() - mtimeMs) / 1000, newerSource }
}

export function originOf(file: string, folder: string, env: NodeJS.ProcessEnv): Addon['origin'] {
  if (file.includes(`${sep}${cudaPackage}${sep}`)) return 'CUDA package'
  if (env.LENGTHEN_PREBUILD) return 'LENGTHEN_PREBUILD'
  return file.startsWith(join(folder, 'build') + sep) ? 'built here' : 'prebuilt'
}

function sourcesUnder(folder: string, name: string): string[] {
  try {
    const names = readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
    return names
      .map((file) => `${name}/${file}`)
      .filter((file) => /\.(h|cpp|cuh?)$/.test(file) && !/^cpp\/test/.test(file))
  } catch {
    return [] // a package without sources
  }
}

function kernelsOf(native: Native, env: NodeJS.ProcessEnv): Engine['kernels'] {
  const target = native.target()
  const best = ['avx512', 'avx2', 'plain'].find((name) => isRunnable(native, name)) ?? 'plain'
  native.setTarget(target)
  const asked = env.LENGTHEN_ISA
  return { target, best, why: asked ? `LENGTHEN_ISA=${asked}` : 'the best that this processor runs' }
}

function isRunnable(native: Native, target: string): boolean {
  try {
    native.setTarget(target)
    return true
  } catch {
    return false
  }
}

/** The lesser of affinity and quota, but for LENGTHEN_THREADS. Pure. */
export function whyThreads(
  { numCpus, numCpusByAffinity, numCpusByQuota }: Pick<Machine, 'numCpus' | 'numCpusByAffinity' | 'numCpusByQuota'>,
  asked: string | undefined,
): string {
  if (asked) return `LENGTHEN_THREADS=${asked}`
  const byAffinity = numCpusByAffinity ?? numCpus
  const affinity = `this process may run on ${byAffinity} of ${numCpus} CPUs`
  if (numCpusByQuota === null) return `${affinity}, without a quota`
  const quota = `a quota of ${numCpusByQuota} CPUs${Number.isInteger(numCpusByQuota) ? '' : ', rounded up'}`
  return Math.ceil(numCpusByQuota) < byAffinity ? `${quota}; ${affinity}` : `${affinity}; ${quota}`
}

function cudaOf(native: Native): Engine['cuda'] {
  try {
    native.memoryStats('cuda')
    return { isBuilt: true, isUsable: true, why: 'the driver answers' }
  } catch (error) {
    const isBuilt = (error as { code?: unknown }).code !== 'UnsupportedError'
    return { isBuilt, isUsable: false, why: messageOf(error) }
  }
}
