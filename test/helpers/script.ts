// A script of the built package's user, in a process of its own. It prints JSON; 'lengthen' is this package.
import { spawn } from 'node:child_process'
import { root } from './source-files.js'

export interface ScriptOptions {
  /** Of node. */
  flags?: readonly string[]
  env?: Record<string, string>
}

/** What the script printed. Fails where it did. */
export async function runScript<T>(code: string, { flags = [], env = {} }: ScriptOptions = {}): Promise<T> {
  const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', code], {
    cwd: root, // where 'lengthen' is this package
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { out: '', error: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.error += chunk
  })
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (status !== 0) throw new Error(`the script ended with status ${status}: ${text.error}`)
  return JSON.parse(text.out) as T
}
