// Loads the addon in a process of its own first: a file that is cut short or garbled does not fail to load, it ends the process.
import { execFile } from 'node:child_process'
import { builtFile } from '../../package-folder.js'
import { permissionsWithheld } from './permissions.js'

const nativeModule = builtFile('native.js').href

/** The signal that loading the addon ends a process with; undefined where it loads, fails as an error that can be caught, or may not be tried. */
export function fatalSignal(module = nativeModule): Promise<NodeJS.Signals | undefined> {
  if (permissionsWithheld().includes('--allow-child-process')) return Promise.resolve(undefined)
  const args = ['--input-type=module', '--eval', `await import(${JSON.stringify(module)})`]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 20_000 }, (error) => resolve(error?.signal ?? undefined))
  })
}
