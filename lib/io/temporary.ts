// Names that stand for something until it is whole. A process that exits in its midst takes them along.
import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'

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
