// A reward in a file beside the recipe that names it. Finding it runs nothing, so that what would run can be shown first.
import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep, win32 } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ArgumentError, messageOf } from '../errors.js'
import type { Reward } from './reward.js'

/** A function of a file beside a recipe, found and not yet run. */
export interface RewardModule {
  /** Its path, behind all links. */
  file: string
  /** The function's name among the module's exports. */
  exportName: string
  /** Of this file's bytes; what it imports is not looked at. */
  sha256: string
  /** Of this file. */
  numBytes: number
}

/** What is wrong with a path of code before anything is looked up: only a folder's own files are run. */
export function modulePathProblem(path: string): string | undefined {
  const isElsewhere = isAbsolute(path) || win32.isAbsolute(path) || path.split(/[\\/]/).includes('..')
  if (isElsewhere) return "a path within the recipe's own folder, not absolute and without .."
  return /\.(?:mjs|cjs|js)$/.test(path) ? undefined : 'a file that ends in .mjs, .js or .cjs'
}

/** The file, which must lie in the folder, links resolved. Nothing of it is run. */
export async function findRewardModule(
  folder: string,
  { path, exportName }: { path: string; exportName: string },
): Promise<RewardModule> {
  const problem = modulePathProblem(path)
  if (problem !== undefined) throw new ArgumentError(`[reward module] expected ${problem}, got ${path}`)
  const file = await realpath(join(folder, path)).catch((cause: unknown) => {
    throw new ArgumentError(`[reward module] cannot be read: ${messageOf(cause)}`, { cause })
  })
  const within = relative(await realpath(folder), file)
  if (within === '..' || within.startsWith(`..${sep}`) || isAbsolute(within))
    throw new ArgumentError(`[reward module] expected a file within ${folder}, got ${path}, a link to ${file}`)
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new ArgumentError(`[reward module] cannot be read: ${messageOf(cause)}`, { cause })
  })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { file, exportName, sha256, numBytes: bytes.length }
}

/** Runs the module in this process and takes its reward. */
export async function loadRewardModule({ file, exportName }: RewardModule): Promise<Reward> {
  const exports = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw new ArgumentError(`[reward module] ${file} cannot be loaded: ${messageOf(cause)}`, { cause })
  })
  const reward: unknown = exports[exportName]
  if (typeof reward === 'function') return reward as Reward
  const known = Object.keys(exports).join(', ') || 'nothing'
  throw new ArgumentError(
    `[reward module] expected a function ${exportName} exported by ${file}, got ${typeof reward}; it exports ${known}`,
  )
}
