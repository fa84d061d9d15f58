// A folder that takes the place of another: at every moment what has its name is whole.
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { withTemporary } from './temporary.js'
import { syncFolder } from './write-file.js'

/** Writes under a temporary name, then renames. One process at a time; what one that was killed has left of it goes. */
export async function replaceFolder(folder: string, write: (folder: string) => Promise<void>): Promise<void> {
  const named = (what: string) => join(dirname(folder), `.${basename(folder)}${what}.tmp`)
  const [temporary, before] = [named(''), named('.before')]
  for (const left of [temporary, before]) await rm(left, { recursive: true, force: true })
  await withTemporary(temporary, async () => {
    await mkdir(temporary)
    await write(temporary)
    // Renamed, not removed: that may end in its midst.
    if (await exists(folder)) await rename(folder, before)
    await rename(temporary, folder)
  })
  await syncFolder(dirname(folder))
  await rm(before, { recursive: true, force: true })
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
