// A folder whole or not at all: a reader never finds half of one.
import { access, mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { withTemporary } from './temporary.js'
import { ownWriter } from './writer.js'

/** Writes under a temporary name, then renames. In a folder that exists the files are written where they are to be, each whole. */
export async function writeFolder(folder: string, write: (folder: string) => Promise<void>): Promise<void> {
  if (await exists(folder)) return write(folder)
  const target = resolve(folder)
  const temporary = join(dirname(target), `.${basename(target)}.${ownWriter}.tmp`)
  await withTemporary(temporary, async () => {
    await mkdir(temporary, { recursive: true })
    await write(temporary)
    await rename(temporary, target)
  })
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
