// What the system says of itself: files that may not be there, and programs that may not answer.
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { permissionsWithheld } from './permissions.js'

/** The first of the files that can be read; empty where none can. */
export function firstText(...files: string[]): string {
  for (const file of files) {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      // Another system, another kernel, or no such device.
    }
  }
  return ''
}

/** Whether there is such a file or folder; one that node --permission forbids to look at counts as missing. */
export function isThere(file: string): boolean {
  try {
    return existsSync(file)
  } catch {
    return false
  }
}

/** Names in a folder, in order; none where there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** Folders of a list such as PATH. Those that depend on the working directory are left out: whoever wrote there could name our programs. */
export const safeFolders = (list: string | undefined): string[] => (list ?? '').split(delimiter).filter(isAbsolute)

/** Where a program lies; undefined where it is not on the PATH. */
export function programOnPath(name: string, path = process.env.PATH): string | undefined {
  return safeFolders(path)
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** What a program printed; undefined where it failed, took too long or may not be started. */
export function outputOf(
  file: string,
  args: readonly string[],
  { timeoutMs = 5000 } = {},
): Promise<string | undefined> {
  if (permissionsWithheld().includes('--allow-child-process')) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    // A driver in trouble may not heed a polite signal.
    const options = { encoding: 'utf8', timeout: timeoutMs, killSignal: 'SIGKILL' } as const
    execFile(file, args, options, (error, stdout) => resolve(error ? undefined : stdout))
  })
}
