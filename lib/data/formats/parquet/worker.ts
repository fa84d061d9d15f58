// The program of a decoder process: decodes file after file until its parent lets go of it.
import { writev } from 'node:fs'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../../../errors.js'
import { decodeParquet } from './decode.js'
import { frameOf, framesOfRows } from './frames.js'
import type { DecodingRequest } from './messages.js'

/** Not stdout: V8 prints there when memory runs out. */
const frames = 4

// The parent ends what hangs. Should it be gone, its end of our stdin closes, and this ends us, whatever the main thread does.
const watch = `new (require('node:net').Socket)({ fd: 0 })
  .on('error', () => {})
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume()`

new Worker(watch, { eval: true }).unref()
process.on('SIGINT', () => {}) // An interrupt is for the parent to handle.
process.on('unhandledRejection', () => {}) // Of a column, where another one's error is told already.
process.on('message', ({ path }: DecodingRequest) => void decode(path))
void write(frameOf({ kind: 'ready' }))

// What is written waits for the parent to read it, on another thread: the next row group is decoded meanwhile. It goes in one piece
// with the announcement of that group, whose decoding may never let this thread write again.
async function decode(path: string): Promise<void> {
  let unwritten: Buffer[] = []
  let written = Promise.resolve()
  try {
    for await (const part of decodeParquet(path)) {
      unwritten.push(...(part.kind === 'rows' ? framesOfRows(part) : frameOf(part)))
      if (part.kind === 'rows') continue
      await written
      written = write(unwritten)
      unwritten = []
    }
    unwritten.push(...frameOf({ kind: 'end' }))
  } catch (error) {
    unwritten.push(...frameOf({ kind: 'failed', message: messageOf(error).slice(0, 10_000) }))
  }
  await written
  await write(unwritten)
}

async function write(buffers: readonly Buffer[]): Promise<void> {
  const { bytesWritten } = await promisify(writev)(frames, buffers)
  const numBytes = buffers.reduce((sum, { length }) => sum + length, 0)
  if (bytesWritten < numBytes) await write([Buffer.concat(buffers).subarray(bytesWritten)])
}
