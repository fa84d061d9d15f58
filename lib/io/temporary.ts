// Names that stand for something until it is whole. A process that exits in its midst takes them along.
import { rmSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isOtherWriter, ownWriter, writerPattern } from './writer.js'

const held = new Set<string>()
let isWatching = false

/** Runs the work that makes a file or folder of this name; where it fails, or the process exits before it ends, the name is removed. */
export async function withTemporary<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  watchExit()
  held.add(path)
  try {
    return await work()
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    throw error
  } finally {
    held.delete(path)
  }
}

/** Beside `path`, of this thread and of no other call. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${ownWriter}-${numNames++}.tmp`)

let numNames = 0

const namePattern = new RegExp(String.raw`^\.(.+)\.(${writerPattern})-\d+\.tmp$`)

/** Removes what processes that were killed have left of files of these names. What a living one may write is left alone. */
export async function removeLeftovers(folder: string, names: readonly string[]): Promise<void> {
  for (const found of await readdir(folder)) {
    const [, name = '', writer = ''] = namePattern.exec(found) ?? []
    const path = join(folder, found)
    if (!names.includes(name) || held.has(path)) continue
    if (!isOtherWriter(writer)) await rm(path, { force: true })
  }
}

function watchExit(): void {
  if (isWatching) return
  isWatching = true
  process.once('exit', () => {
    for (const path of held) removeNow(path)
  })
}

// A write that is still under way may put a file into a folder that is being emptied.
function removeNow(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // The process ends with the status and the message that it has.
  }
}
