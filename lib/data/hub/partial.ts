// A file that is not whole yet, beside the blobs: <hash>.<host>.<writer>.<number>.incomplete. Only the thread in its name writes to it.
// What a process left behind that is no more is taken over: renamed, so that only one gets it, and copied, so that a writer that
// lives after all writes into a file that nobody reads.
import { constants } from 'node:fs'
import { copyFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isOtherWriter, ownWriter, writerPattern } from '../../io/writer.js'

/** Old enough that whoever wrote it, on whatever machine, has gone. */
const abandonedAfterMs = 3_600_000

const host = hostname().replace(/[^A-Za-z0-9-]/g, '-') || 'host'
const namePattern = new RegExp(String.raw`\.([A-Za-z0-9-]+)\.(${writerPattern})\.\d+\.incomplete$`)
const ours = new Set<string>()
let numPartials = 0

/** Calls `work` with a file to go on with, empty or with what an earlier attempt got; it need not be there afterwards. */
export async function withPartial<T>(blobs: string, hash: string, work: (path: string) => Promise<T>): Promise<T> {
  const name = `${hash}.${host}.${ownWriter}.${numPartials++}.incomplete`
  const path = join(blobs, name)
  ours.add(name)
  try {
    await takeOver(blobs, { hash, path })
    return await work(path)
  } finally {
    if ((await bytesOf(path)) === 0) await rm(path, { force: true })
    ours.delete(name)
  }
}

/** The size of a file; 0 where there is none. */
export const bytesOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

/** Of several the longest; the others go. */
async function takeOver(blobs: string, { hash, path }: { hash: string; path: string }): Promise<void> {
  const left: { file: string; numBytes: number }[] = []
  for (const name of await readdir(blobs)) {
    const file = join(blobs, name)
    if (name.startsWith(`${hash}.`) && (await isAbandoned(name, file)))
      left.push({ file, numBytes: await bytesOf(file) })
  }
  left.sort((a, b) => b.numBytes - a.numBytes)
  const claimed = `${path}.claimed`
  for (const [i, { file }] of left.entries()) {
    if (i > 0) await rm(file, { force: true })
    else if (await isDone(rename(file, claimed))) await copyFile(claimed, path, constants.COPYFILE_FICLONE)
  }
  await rm(claimed, { force: true })
}

async function isAbandoned(name: string, file: string): Promise<boolean> {
  const [, where, writer = ''] = namePattern.exec(name) ?? []
  if (where === undefined || ours.has(name)) return false
  if (where === host && !isOtherWriter(writer)) return true
  const changedMs = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY,
  )
  return Date.now() - changedMs > abandonedAfterMs
}

const isDone = (attempt: Promise<void>): Promise<boolean> =>
  attempt.then(
    () => true,
    () => false,
  )
