// One process at a time works in a run's directory: a file names it, and is void once that process is no more. So is that of a
// worker thread that was terminated: it holds its lock open, and a thread's files are closed when it ends.
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { ArgumentError } from '../../errors.js'
import { isRunning } from '../../io/is-running.js'
import { temporaryName, withTemporary } from '../../io/temporary.js'

const lockName = 'run.lock'

interface Holder {
  pid: number
  host: string
  /** When the process began, as the system counts it: a number that is given again is another process. */
  startedAt: string
}

export interface RunLock {
  release(): Promise<void>
}

/** Throws where another process, or this one, works in the folder. */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = join(folder, lockName)
  const own: Holder = { pid: process.pid, host: hostname(), startedAt: startOf(process.pid) }
  const temporary = temporaryName(path)
  const file = openSync(temporary, 'wx')
  try {
    await withTemporary(temporary, async () => {
      writeSync(file, JSON.stringify(own))
      // A link is made whole or not at all, and never over a name that is there.
      while (!(await isLinked(temporary, path))) await removeIfVoid(path)
      await rm(temporary)
    })
  } catch (error) {
    closeSync(file)
    throw error
  }
  const remove = () => rmSync(path, { force: true })
  process.once('exit', remove)
  const release = async () => {
    process.off('exit', remove)
    await rm(path, { force: true })
    closeSync(file)
  }
  return { release }
}

async function isLinked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}

async function removeIfVoid(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return // gone in the meantime
  const holder = holderIn(text)
  if (holder && isAlive(holder, path)) throw new ArgumentError(inUse(path, holder))
  const aside = temporaryName(path)
  await rename(path, aside).catch(() => {})
  // Another may have been faster, and what was moved is its lock.
  const moved = await readFile(aside, 'utf8').catch(() => text)
  if (moved !== text) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

function holderIn(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}

/** One on another machine cannot be asked. */
function isAlive({ pid, host, startedAt }: Holder, path: string): boolean {
  if (host !== hostname()) return true
  if (!isRunning(pid) || startOf(pid) !== startedAt) return false
  return pid !== process.pid || isOpenHere(path)
}

/** Whether a thread of this process has the file open; where the system does not tell, it may have. */
function isOpenHere(path: string): boolean {
  const sought = statSync(path, { throwIfNoEntry: false })
  if (!sought) return false
  const isSought = (file: string) => {
    const found = statSync(join(openFiles, file), { throwIfNoEntry: false })
    return found?.ino === sought.ino && found.dev === sought.dev
  }
  try {
    return readdirSync(openFiles).some(isSought)
  } catch {
    return true
  }
}

const openFiles = '/proc/self/fd'

function inUse(path: string, { pid, host }: Holder): string {
  const elsewhere = host === hostname() ? '' : ` on ${host}; if that is no more, remove the file`
  return `[run] expected a run that no other process works in; ${path} names process ${pid}${elsewhere}`
}

/** Field 22 of /proc/<pid>/stat; empty where there is no such file. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
