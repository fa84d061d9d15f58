// Makes a folder and those above it. Node's own recursive mkdir never returns where the system says that a folder is
// missing though it is there, as /proc does.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Does nothing where the folder is there already. */
export async function makeFolder(path: string): Promise<void> {
  const problem = await codeOf(mkdir(path))
  if (problem === undefined || problem === 'EEXIST') return
  if (problem === 'ENOENT' && dirname(path) !== path) await makeFolder(dirname(path))
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error // another may have made it in the meantime
  })
}

async function codeOf(attempt: Promise<void>): Promise<unknown> {
  return attempt.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  )
}
