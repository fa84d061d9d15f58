// Programs as promises, so many at a time.
import { spawn } from 'node:child_process'
import os from 'node:os'

/** @typedef {{ status: number | null, stdout: string, stderr: string, seconds: number }} Ended */

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<Ended>}
 */
export function start(command, args, { cwd, env = process.env }) {
  const started = performance.now()
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 })
  const text = { stdout: '', stderr: '' }
  for (const name of /** @type {const} */ (['stdout', 'stderr']))
    child[name].setEncoding('utf8').on('data', (chunk) => {
      text[name] += chunk
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, ...text, seconds: (performance.now() - started) / 1000 }))
  })
}

/**
 * Its stdout.
 * @param {Parameters<typeof start>} args
 */
export async function output(...args) {
  const { status, stdout, stderr } = await start(...args)
  if (status === 0) return stdout
  throw new Error(`${args[0]} ${args[1].join(' ')} ended with ${status}:\n${stdout}${stderr}`)
}

/**
 * Runs the tasks, as many at a time as there are processors; their results in order.
 * @template T
 * @param {readonly (() => Promise<T>)[]} tasks
 * @returns {Promise<T[]>}
 */
export async function sideBySide(tasks) {
  /** @type {T[]} */
  const results = []
  let next = 0
  const lane = async () => {
    while (next < tasks.length) {
      const i = next++
      results[i] = await tasks[i]()
    }
  }
  await Promise.all(Array.from({ length: Math.min(os.availableParallelism(), 4) }, lane))
  return results
}
