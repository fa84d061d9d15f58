// A worker is terminated that has queued 2 GB of results, of which none has been asked for by others.
import { Worker } from 'node:worker_threads'
import { device, full, scope } from 'lengthen'

const code = `
  const { parentPort } = require('node:worker_threads')
  import('lengthen').then(({ full, ops }) => {
    const x = full([512, 512], 0.01)
    const all = Array.from({ length: 2000 }, () => ops.linear(x, x))
    all.at(-1).toArray()
    parentPort.postMessage('queued')
  })`
const worker = new Worker(code, { eval: true })
await new Promise((resolve) => worker.once('message', resolve))
await worker.terminate()
const one = scope(() => full([4], 1))
await one.toArray()
one.dispose()
console.log(JSON.stringify(device.memoryStats()))
