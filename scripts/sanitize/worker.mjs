// Run by scripts/sanitize.mjs: a worker thread is terminated in the middle of its kernels, and the main thread's go on.
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { full, ops, scope } from '../../dist/index.js'

const width = 256
const busy = scope(() => {
  let x = full([width, width], 0.01)
  for (let i = 0; i < 100; i++) x = ops.tanh(ops.linear(x, x))
  return x
})

if (isMainThread) await terminateWorker()
else await workUntilTerminated()

async function terminateWorker() {
  const worker = new Worker(new URL(import.meta.url))
  await new Promise((resolve) => worker.once('message', resolve))
  await worker.terminate()
  const { length } = await busy.toArray()
  if (length !== width * width) throw new Error(`expected ${width * width} values, got ${length}`)
  console.log('a worker thread was terminated in the middle of its kernels')
}

async function workUntilTerminated() {
  parentPort?.postMessage('busy')
  await busy.toArray()
  throw new Error('the worker was not terminated in time')
}
