// The addon and the life of the process: exits, exceptions and workers while the device is busy.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..')

// Queues a chain of ops that takes a good part of a second, then does what `then` says.
const program = (then: string) => `
  const { Worker } = require('node:worker_threads')
  const native = require('node-gyp-build')(${JSON.stringify(root)})
  let busy = native.empty([1000, 1000], 'f32', 'cpu')
  busy.write(new Float32Array(1e6))
  for (let i = 0; i < 1000; i++) {
    const next = native.ops.tanh(busy)
    busy.dispose()
    busy = next
  }
  ${then}`

function run(then: string) {
  const result = spawnSync(process.execPath, ['-e', program(then)], { cwd: root, encoding: 'utf8', timeout: 30_000 })
  return { status: result.status, signal: result.signal, output: result.stdout + result.stderr }
}

describe('a process whose device is busy', () => {
  it('exits with its own status on process.exit', () => {
    expect(run('setTimeout(() => process.exit(3), 20)')).toMatchObject({ status: 3, signal: null })
  })

  it('fails as usual on an uncaught exception', () => {
    const result = run("setTimeout(() => { throw new Error('on purpose') }, 20)")
    expect(result).toMatchObject({ status: 1, signal: null })
    expect(result.output).toContain('on purpose')
  })

  it('ends when nothing is awaited', () => {
    expect(run('')).toMatchObject({ status: 0, signal: null })
  })

  it('waits for a read that is awaited', () => {
    const result = run("busy.read().then((bytes) => console.log('read', bytes.byteLength))")
    expect(result).toMatchObject({ status: 0, output: 'read 4000000\n' })
  })

  it('survives a worker that is terminated in the middle of its own work', () => {
    const result = run(`
      const code = ${JSON.stringify(program('busy.read()'))}
      const worker = new Worker(code, { eval: true })
      worker.on('online', () => setTimeout(async () => {
        await worker.terminate()
        console.log('read', (await busy.read()).byteLength)
      }, 200))`)
    expect(result).toMatchObject({ status: 0, output: 'read 4000000\n' })
  })
})
