// The folders that checkpoints lie in: how they are named, put in their place and taken away. A process that dies in the midst leaves
// each of them whole or gone, and never neither the old one nor the new.
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

export const checkpointPath = (folder: string, step: number): string => join(folder, nameOf(step))

/** Where one is written before it is put in its place. */
export const temporaryPath = (folder: string, step: number): string => join(folder, `.${nameOf(step)}.tmp`)

/** Steps of the checkpoints among a folder's names. */
export const stepsAmong = (names: readonly string[]): number[] =>
  names.flatMap((name) => {
    const [, digits] = /^step-(\d{6,})$/.exec(name) ?? []
    return digits === undefined ? [] : [Number(digits)]
  })

/** Removes what a process that was killed has left half-written or half-removed, and brings back what it was about to replace. */
export async function tidy(folder: string): Promise<void> {
  const names = new Set(await readdir(folder))
  for (const name of [...names].filter((name) => name.startsWith('.'))) {
    const [, replaced] = /^\.(step-\d+)\.replaced$/.exec(name) ?? []
    if (replaced !== undefined && !names.has(replaced)) await rename(join(folder, name), join(folder, replaced))
    else await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** What was written at the temporary path becomes the checkpoint; one of the same step is there until then. */
export async function putInPlace(folder: string, step: number): Promise<void> {
  const [from, to] = [temporaryPath(folder, step), checkpointPath(folder, step)]
  const before = join(folder, `.${nameOf(step)}.replaced`)
  const isReplaced = await isRenamed(to, before)
  try {
    await rename(from, to)
  } catch (error) {
    if (isReplaced) await rename(before, to)
    throw error
  }
  await rm(before, { recursive: true, force: true })
}

/** Renamed first: half a checkpoint never stands under a checkpoint's name. */
export async function takeAway(folder: string, step: number): Promise<void> {
  const gone = join(folder, `.${nameOf(step)}.old`)
  await rename(checkpointPath(folder, step), gone)
  await rm(gone, { recursive: true, force: true })
}

const nameOf = (step: number): string => `step-${String(step).padStart(6, '0')}`

/** False where there is nothing to rename. */
async function isRenamed(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}
