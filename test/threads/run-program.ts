// One of the programs of these tests, in a process of its own: a crash is its own, and so is the end.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { root } from '../helpers/source-files.js'

export interface Ending {
  status: number | null
  signal: string | null
  output: string
  errors: string
}

/** Where it does not end by itself within the time, its signal is SIGKILL. */
export async function runProgram(file: string, args: readonly string[] = [], timeoutMs = 40_000): Promise<Ending> {
  const child = spawn(process.execPath, [path.join(root, 'test/threads/programs', file), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const text = { output: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text.output += piece
  })
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text.errors += piece
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve({ status, signal, ...text }))
  })
}
